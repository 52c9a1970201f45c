-- One block of the benchmark's population; `village` (division, first, households) stands, a household's key is its number
-- in the population, every value a hash of the key. The macros are made once.
CREATE OR REPLACE TEMP TABLE h AS
SELECT key, code('h', key) AS household_id, division, 1 + len(list_filter([18, 46, 74, 89, 96], lambda upto: upto <= rnd(key, 'size', 100))) AS size,
  rnd(key, 'poor', 100) < 8 AS poor, left(division, 6) IN ('341502', '341503', '341504') AS generous, CASE WHEN rnd(key, 'rural', 10) < 6 THEN 'rural' ELSE 'urban' END AS household_class
FROM (SELECT division, unnest(range(first, first + households)) AS key FROM village);

CREATE OR REPLACE TEMP TABLE household AS
SELECT household_id, division, household_class,
  CASE WHEN rnd(key, 'savings?', 100) < 96 THEN yuan(key, 'savings', CASE WHEN poor THEN 30000 ELSE 200000 END) END AS savings,
  CASE WHEN rnd(key, 'homes?', 100) < 98 THEN (rnd(key, 'homes', 100) > 4)::BIGINT + (rnd(key, 'homes', 100) > 88)::BIGINT END AS homes,
  CASE WHEN rnd(key, 'cars?', 100) < 98 THEN (rnd(key, 'cars', 100) < CASE WHEN poor THEN 8 ELSE 45 END)::BIGINT END AS vehicles,
  CASE WHEN rnd(key, 'house?', 100) < 97 THEN
    CASE WHEN rnd(key, 'house', 100) < 94 THEN 'safe' WHEN rnd(key, 'house', 100) < 97 THEN 'grade_c'
      WHEN rnd(key, 'house', 100) < 99 THEN 'grade_d' ELSE 'collapsed' END END AS house_state,
  CASE WHEN rnd(key, 'disaster', 100) < 2 THEN TRUE END AS disaster_hit
FROM h ORDER BY division, household_id;

CREATE OR REPLACE TEMP TABLE m AS
SELECT *, (days // 366)::INTEGER AS age FROM (
  SELECT *, CASE k WHEN 1 THEN 8000 + rnd(key, 'head', 22000) WHEN 2 THEN 7500 + rnd(key, 'second', 22000)
    WHEN 4 THEN 19000 + rnd(key, 'parent', 15500) ELSE rnd([key, k], 'child', 11000) END::INTEGER AS days
  FROM (SELECT *, unnest(range(1, size + 1)) AS k FROM h));

CREATE OR REPLACE TEMP TABLE person AS
SELECT code('p', [key, k]) AS person_id, household_id, division,
  ['head', CASE WHEN rnd(key, 'single', 10) < 2 THEN 'child' ELSE 'spouse' END, 'child', 'parent', 'child', 'other'][k] AS role,
  DATE '2020-07-20' - days AS birth_date,
  CASE WHEN rnd([key, k], 'here?', 1000) < 985 THEN rnd([key, k], 'here', 100) < 92 END AS lives_here,
  CASE WHEN k IN (2, 3, 5) AND rnd([key, k], 'student', 10) < 4 THEN TRUE END AS student,
  CASE WHEN rnd([key, k], 'dead', 1000) < 4 THEN TRUE END AS is_deceased,
  CASE WHEN rnd([key, k], 'dead', 1000) < 4 THEN DATE '2020-07-20' - rnd([key, k], 'died', 300)::INTEGER END AS died_on,
  CASE WHEN rnd([key, k], 'disabled', 1000) < 65 THEN (1 + rnd([key, k], 'grade', 4))::VARCHAR END AS disability_grade,
  CASE WHEN rnd([key, k], 'ill', 1000) < 15 THEN TRUE END AS serious_illness,
  CASE WHEN rnd([key, k], 'wage?', 1000) < 975 THEN
    CASE WHEN k > 2 AND rnd([key, k], 'works', 10) < 8 THEN 0 WHEN poor THEN yuan([key, k], 'wage', 900)
      ELSE yuan([key, k], 'wage', 6000) END::DECIMAL(14, 2) END AS wage,
  CASE WHEN rnd([key, k], 'pension?', 1000) < 985 THEN
    CASE WHEN age >= 60 THEN (CASE WHEN poor THEN 150 ELSE 700 END + yuan([key, k], 'pension', CASE WHEN poor THEN 600 ELSE 3000 END))
      ELSE 0 END::DECIMAL(14, 2) END AS pension,
  CASE WHEN rnd([key, k], 'transfer?', 1000) < 990 THEN
    CASE WHEN rnd([key, k], 'sends', 10) < 1 THEN yuan([key, k], 'transfer', 500) ELSE 0 END::DECIMAL(14, 2) END AS transfer,
  CASE WHEN rnd([key, k], 'bill?', 1000) < 990 THEN
    CASE WHEN rnd([key, k], 'billed', 100) < 6 THEN yuan([key, k], 'bill', 40000) ELSE 0 END::DECIMAL(14, 2) END AS medical_bill
FROM m ORDER BY division, household_id, person_id;

CREATE OR REPLACE TEMP TABLE enrolment AS
SELECT 'household' AS subject_type, household_id AS subject_id, 'dibao' AS programme, yuan(key, 'paid', 1800) AS amount,
  'month' AS period, DATE '2019-01-01' + rnd(key, 'since', 500)::INTEGER AS starts_on,
  CASE WHEN rnd(key, 'ends', 20) = 0 THEN DATE '2020-06-01' + rnd(key, 'end', 300)::INTEGER END AS ends_on
FROM h WHERE rnd(key, 'dibao', 1000) < CASE WHEN poor THEN 250 ELSE 4 END
UNION ALL
SELECT 'person', code('p', [key, k]), 'tekun', 640.00::DECIMAL(14, 2), 'month', DATE '2018-01-01', NULL
FROM m WHERE k = 1 AND rnd(key, 'tekun', 1000) < 2
UNION ALL
SELECT 'person', code('p', [key, k]), 'elder_allowance',
  (CASE WHEN age >= 90 THEN 2 ELSE 1 END * CASE WHEN generous THEN 100 ELSE 50 END)::DECIMAL(14, 2), 'month', DATE '2019-07-01', NULL
FROM m WHERE age >= 80 AND rnd([key, k], 'elder', 100) < 93
UNION ALL
SELECT 'person', code('p', [key, k]), 'care_subsidy', CASE WHEN rnd([key, k], 'grade', 4) = 0
  THEN CASE WHEN generous THEN 120 ELSE 90 END ELSE CASE WHEN generous THEN 90 ELSE 60 END END::DECIMAL(14, 2), 'month', DATE '2018-01-01', NULL
FROM m WHERE rnd([key, k], 'disabled', 1000) < 65 AND rnd([key, k], 'grade', 4) < 2 AND rnd([key, k], 'care', 100) < 93
ORDER BY ALL;
