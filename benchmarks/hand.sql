-- Dibao of July 2020 for the demo county, written by hand against the snapshot's Parquet files: what an experienced
-- analyst would write who knows the figures, wants the same output as `doudi screen` (outcome, amount, both masks,
-- state) and the same care with unknowns (strict sums, bounds). `bench.py` sets $snapshot and $out and compares the
-- result with ours row by row before it compares the times.
CREATE TYPE outcome AS ENUM ('eligible', 'not_eligible', 'needs_verification', 'not_applicable');
CREATE TYPE state AS ENUM (
  'not_applicable', 'not_eligible', 'unknown_no_sign', 'to_verify', 'missed',
  'covered', 'covered_to_verify', 'covered_wrong_amount', 'covered_not_eligible', 'covered_elsewhere');

CREATE TEMP TABLE enrolled AS
  SELECT subject_type, subject_id, programme, CASE WHEN count(amount) = count(*) THEN sum(amount) END AS current
  FROM read_parquet('$snapshot/enrolment/*.parquet')
  WHERE coalesce(starts_on <= DATE '2020-07-20', TRUE) AND coalesce(ends_on >= DATE '2020-07-20', TRUE)
  GROUP BY ALL;

CREATE TEMP TABLE head AS
  SELECT household_id,
    CASE WHEN bool_or(minor AND role = 'head') THEN TRUE WHEN count(minor OR role <> 'head') = count(*) THEN FALSE END AS minor,
    CASE WHEN bool_or(here AND role = 'head') THEN TRUE WHEN count(here AND role = 'head') = count(*) THEN FALSE END AS here,
    coalesce(bool_or(severe), FALSE) AS severe, coalesce(bool_or(medical_own_share > 0), FALSE) AS bill
  FROM (
    SELECT household_id, role, medical_own_share, birth_date > DATE '2002-07-20' AS minor,
      left(hukou_division, 6) = left(division, 6) AS here,
      coalesce(disability_category, 'none') <> 'none' AND disability_grade IN ('1', '2')
        AND NOT coalesce(is_deceased, FALSE) AS severe
    FROM read_parquet('$snapshot/person/*.parquet'))
  GROUP BY household_id;

CREATE TEMP TABLE family AS
  SELECT household_id,
    CASE WHEN count(counted) = count(*) THEN count(*) FILTER (WHERE counted) END AS n,
    count(*) FILTER (WHERE counted) AS n_lo, count(*) FILTER (WHERE counted IS NOT FALSE) AS n_hi,
    CASE WHEN count(mine) = count(*) THEN sum(mine)::DECIMAL(18, 2) END AS income,
    CASE WHEN count(mine_lo) = count(*) THEN sum(mine_lo)::DECIMAL(18, 2) END AS income_lo,
    CASE WHEN count(mine_hi) = count(*) THEN sum(mine_hi)::DECIMAL(18, 2) END AS income_hi
  FROM (
    SELECT household_id, counted,
      CASE WHEN counted THEN income WHEN NOT counted THEN 0 END AS mine,
      CASE WHEN coalesce(counted, income_lo < 0) THEN income_lo WHEN NOT coalesce(counted, income_lo < 0) THEN 0 END AS mine_lo,
      CASE WHEN coalesce(counted, income_hi > 0) THEN income_hi WHEN NOT coalesce(counted, income_hi > 0) THEN 0 END AS mine_hi
    FROM (
      SELECT p.household_id,
        work_income + business_income + property_income + transfer_income - income_deductions AS income,
        coalesce(work_income, 0) + coalesce(business_income, 0) + coalesce(property_income, 0)
          + coalesce(transfer_income, 0) - income_deductions AS income_lo,
        work_income + business_income + property_income + transfer_income - coalesce(income_deductions, 0) AS income_hi,
        (role IN ('head', 'spouse')
          OR (role = 'child' AND (birth_date > DATE '2002-07-20' OR lives_here OR student))
          OR (role = 'parent' AND (lives_here OR head.minor))
          OR (role IN ('child_in_law', 'grandchild', 'parent_in_law', 'grandparent', 'sibling', 'ward') AND lives_here))
        AND NOT ((coalesce(is_deceased, FALSE) AND died_on <= DATE '2020-07-20')
          OR (coalesce(in_custody, FALSE) AND in_custody_from <= DATE '2020-07-20'))
        AND e.subject_id IS NULL AS counted
      FROM read_parquet('$snapshot/person/*.parquet') p
      JOIN head USING (household_id)
      LEFT JOIN enrolled e ON e.subject_type = 'person' AND e.programme = 'tekun' AND e.subject_id = p.person_id))
  GROUP BY household_id;

COPY (
  WITH facts AS (
    SELECT h.household_id, h.division, savings, homes, vehicles, house_state, head.here, n, n_lo, n_hi,
      CASE WHEN income IS NOT NULL THEN greatest(income, 0) END AS income, greatest(coalesce(income_lo, 0), 0) AS income_lo,
      CASE WHEN income_hi IS NOT NULL THEN greatest(income_hi, 0) END AS income_hi,
      (CASE household_class WHEN 'rural' THEN 600.00 WHEN 'urban' THEN 680.00 END)::DECIMAL(14, 2) AS standard,
      d.subject_id IS NOT NULL AS in_dibao, d.current, t.subject_id IS NOT NULL AS in_tekun,
      coalesce(monitoring_class, 'none') <> 'none' OR severe OR bill
        OR (coalesce(earner_died, FALSE) AND coalesce(earner_died_on <= DATE '2020-07-20', TRUE))
        OR (coalesce(disaster_hit, FALSE) AND coalesce(disaster_hit_on <= DATE '2020-07-20', TRUE))
        OR coalesce(house_state = 'collapsed', FALSE)
        OR (coalesce(lost_income, FALSE) AND coalesce(lost_income_on <= DATE '2020-07-20', TRUE))
        OR (coalesce(hotline_clue, FALSE) AND coalesce(hotline_clue_on <= DATE '2020-07-20', TRUE)) AS sign
    FROM read_parquet('$snapshot/household/*.parquet') h
    JOIN family USING (household_id) JOIN head USING (household_id)
    LEFT JOIN enrolled d ON d.subject_type = 'household' AND d.programme = 'dibao' AND d.subject_id = h.household_id
    LEFT JOIN enrolled t ON t.subject_type = 'household' AND t.programme = 'tekun' AND t.subject_id = h.household_id),
  judged AS (
    SELECT *,
      here AS c0,
      coalesce(n > 0, CASE WHEN n_lo > 0 THEN TRUE WHEN n_hi <= 0 THEN FALSE END) AS c1,
      coalesce(income < standard * n,
        CASE WHEN income_hi < standard * n_lo THEN TRUE WHEN income_lo >= standard * n_hi THEN FALSE END) AS c2,
      coalesce(savings <= standard * n * 24,
        CASE WHEN savings <= standard * n_lo * 24 THEN TRUE WHEN coalesce(savings, 0) > standard * n_hi * 24 THEN FALSE END) AS c3,
      homes <= 1 OR (house_state IN ('grade_c', 'grade_d', 'collapsed') AND homes <= 2) AS c4,
      vehicles <= 0 AS c5,
      CASE WHEN standard * n - income IS NOT NULL THEN greatest(standard * n - income, 0.00)::DECIMAL(14, 2) END AS due
    FROM facts),
  decided AS (
    SELECT *, c0 AND c1 AND c2 AND c3 AND c4 AND c5 AS met,
      (c0 IS NOT DISTINCT FROM FALSE)::UTINYINT * 1::UTINYINT | (c1 IS NOT DISTINCT FROM FALSE)::UTINYINT * 2::UTINYINT
        | (c2 IS NOT DISTINCT FROM FALSE)::UTINYINT * 4::UTINYINT | (c3 IS NOT DISTINCT FROM FALSE)::UTINYINT * 8::UTINYINT
        | (c4 IS NOT DISTINCT FROM FALSE)::UTINYINT * 16::UTINYINT | (c5 IS NOT DISTINCT FROM FALSE)::UTINYINT * 32::UTINYINT AS failed,
      (c0 IS NULL)::UTINYINT * 1::UTINYINT | (c1 IS NULL)::UTINYINT * 2::UTINYINT | (c2 IS NULL)::UTINYINT * 4::UTINYINT
        | (c3 IS NULL)::UTINYINT * 8::UTINYINT | (c4 IS NULL)::UTINYINT * 16::UTINYINT | (c5 IS NULL)::UTINYINT * 32::UTINYINT AS unknown
    FROM judged)
  SELECT household_id, division,
    CASE WHEN met AND due IS NOT NULL THEN 'eligible'::outcome WHEN NOT met THEN 'not_eligible'::outcome
      ELSE 'needs_verification'::outcome END AS dibao__outcome,
    CASE WHEN met THEN due END AS dibao__amount,
    failed::BIGINT AS dibao__failed,
    CASE WHEN met AND due IS NULL THEN 1::BIGINT << 62 ELSE unknown::BIGINT END AS dibao__unknown,
    CASE WHEN in_dibao AND NOT met THEN 'covered_not_eligible'::state
      WHEN NOT met THEN 'not_eligible'::state
      WHEN in_dibao AND (met IS NULL OR due IS NULL) THEN 'covered_to_verify'::state
      WHEN in_dibao AND due <> current THEN 'covered_wrong_amount'::state
      WHEN in_dibao THEN 'covered'::state
      WHEN in_tekun THEN 'covered_elsewhere'::state
      WHEN met AND due IS NOT NULL THEN 'missed'::state
      WHEN sign THEN 'to_verify'::state ELSE 'unknown_no_sign'::state END AS dibao__state
  FROM decided ORDER BY division, household_id
) TO '$out/household.parquet' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION snappy, ROW_GROUP_SIZE 122880);

COPY (SELECT person_id, household_id, division FROM read_parquet('$snapshot/person/*.parquet'))
  TO '$out/person.parquet' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION snappy, ROW_GROUP_SIZE 122880);
