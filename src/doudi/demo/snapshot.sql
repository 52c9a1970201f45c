-- The columns of the snapshot. A cell is empty where nobody has asked yet.
CREATE OR REPLACE TEMP VIEW earning AS
SELECT m.*, p.pension, p.sign_k, h.sign_1, h.sign_2, h.income <> 'unknown' AS is_asked, h.instead,
       CASE WHEN NOT m.counts THEN NULL
            WHEN m.kin = 'head' THEN p.earned - p.spouse_earns - p.earner_earns
            WHEN m.kin = 'spouse' THEN p.spouse_earns
            WHEN m.kin = 'adult_child' AND m.k = h.earner_k THEN p.earner_earns
            ELSE p.earned * 0 END AS earns,
       m.age >= 60 AS is_old
FROM member m JOIN purse p USING (household_id)
JOIN (SELECT home.*, e.earner_k FROM home
      LEFT JOIN (SELECT household_id, min(k) AS earner_k FROM member WHERE kin = 'adult_child' AND counts GROUP BY ALL) e
      USING (household_id)) h USING (household_id);

CREATE OR REPLACE TEMP VIEW person AS
WITH split AS (
    SELECT *, CASE WHEN earns > 0 THEN earns * rnd(person_id, 'farm', 60) // 100 ELSE earns * 0 END AS farm,
           CASE WHEN earns > 0 AND rnd(person_id, 'rent?', 10) < 2 THEN earns * rnd(person_id, 'rent', 20) // 100 ELSE earns * 0 END AS rent,
           CASE WHEN earns > 0 AND rnd(person_id, 'less?', 10) < 1 THEN rnd(person_id, 'less', 20000) ELSE earns * 0 END AS less,
           (sign_1 = 'severe_disability' OR sign_2 = 'severe_disability') AND k = sign_k AS is_severe,
           (sign_1 = 'big_bill' OR sign_2 = 'big_bill') AND k = sign_k AS has_bill
    FROM earning
)
SELECT person_id, household_id, division, role,
       (getvariable('as_of') - to_years(age::INTEGER) - to_days(1 + rnd(person_id, 'day', 363)::INTEGER))::DATE AS birth_date,
       CASE WHEN is_man THEN 'M' ELSE 'F' END AS sex,
       CASE WHEN hukou = 'elsewhere' THEN other_county
            WHEN kin = 'spouse' AND rnd(person_id, 'hukou', 1000) < rate('spouse_registered_elsewhere') THEN other_county
            ELSE division END AS hukou_division,
       CASE WHEN place IN ('away_for_work', 'away_at_university') THEN other_county
            WHEN place = 'home' THEN division END AS residence_division,
       CASE WHEN place IN ('home', 'died', 'custody') THEN
                CASE WHEN is_asked OR kin = 'head' OR rnd(person_id, 'lives', 1000) >= rate('lives_here_unknown') THEN true END
            ELSE false END AS lives_here,
       CASE WHEN place = 'away_at_university' OR (age BETWEEN 7 AND 16 AND is_asked) THEN true
            WHEN kin = 'adult_child' OR is_asked THEN false END AS student,
       CASE WHEN place = 'died' THEN true END AS is_deceased,
       CASE WHEN place = 'died' THEN (getvariable('as_of') - to_days(rnd(person_id, 'died', 120)::INTEGER))::DATE END AS died_on,
       CASE WHEN place = 'custody' THEN true END AS in_custody,
       CASE WHEN place = 'custody' THEN (getvariable('as_of') - to_days(30 + rnd(person_id, 'since', 900)::INTEGER))::DATE END AS in_custody_from,
       CASE WHEN is_severe OR rnd(person_id, 'light', 1000) < rate('disability_light')
            THEN pick_disability(rnd(person_id, 'kind', 1000)) END AS disability_category,
       CASE WHEN is_severe THEN (1 + rnd(person_id, 'grade', 2))::VARCHAR
            WHEN rnd(person_id, 'light', 1000) < rate('disability_light') THEN (3 + rnd(person_id, 'grade', 2))::VARCHAR END AS disability_grade,
       CASE WHEN has_bill THEN true WHEN is_asked THEN rnd(person_id, 'ill', 1000) < rate('serious_illness') END AS serious_illness,
       yuan(CASE WHEN has_bill THEN 500000 + rnd(person_id, 'bill', 9500000) WHEN is_asked AND rnd(person_id, 'nobill', 10) = 0 THEN 0 END) AS medical_own_share,
       yuan(CASE WHEN is_old THEN less ELSE earns - farm - rent + less END) AS work_income,
       yuan(farm) AS business_income,
       yuan(rent) AS property_income,
       yuan(CASE WHEN earns IS NULL THEN
                CASE WHEN is_old AND counts AND rnd(person_id, 'pension', 1000) < rate('pension_known') THEN pension END
            WHEN is_old THEN pension + earns - farm - rent ELSE 0 END) AS transfer_income,
       yuan(less) AS income_deductions
FROM split;

CREATE OR REPLACE TEMP VIEW household AS
WITH signed AS (
    SELECT h.*, p.savings_limit, list_filter([sign_1, sign_2], lambda s: s IS NOT NULL) AS signs,
           (getvariable('as_of') - to_days(rnd(household_id, 'sign on', 300)::INTEGER))::DATE AS signed_on,
           h.income = 'above' AND rnd(household_id, 'not asked', 5) = 0 AS is_property_unknown,
           h.income = 'below' AND h.property IS NULL AND rnd(household_id, 'unsafe', 100) < 3 AS has_unsafe
    FROM home h JOIN purse p USING (household_id)
)
SELECT household_id, division,
       CASE WHEN income <> 'unknown' OR instead OR rnd(household_id, 'class', 1000) >= rate('class_unknown')
            THEN CASE WHEN rural THEN 'rural' ELSE 'urban' END END AS household_class,
       yuan(CASE WHEN income = 'unknown' OR property = 'unknown' OR is_property_unknown THEN NULL
                 WHEN property = 'savings' THEN savings_limit + 1 + rnd(household_id, 'more', 3000000)
                 WHEN rnd(household_id, 'full', 20) = 0 THEN savings_limit
                 ELSE rnd(household_id, 'saved', savings_limit) END) AS savings,
       CASE WHEN income = 'unknown' OR is_property_unknown THEN NULL
            WHEN property = 'home' THEN homes_max + 1
            WHEN has_unsafe THEN homes_max + homes_beside_unsafe
            WHEN rnd(household_id, 'rents', 100) < 6 THEN 0 ELSE homes_max END::INTEGER AS homes,
       CASE WHEN income = 'unknown' OR is_property_unknown THEN NULL
            WHEN property = 'vehicle' THEN vehicles_max + 1
            WHEN income = 'above' THEN vehicles_max + rnd(household_id, 'vehicle', 3)
            ELSE vehicles_max END::INTEGER AS vehicles,
       CASE WHEN has_unsafe THEN 'grade_d' WHEN income <> 'unknown' AND NOT is_property_unknown THEN 'safe' END AS house_state,
       CASE WHEN 'monitored' IN signs THEN ['not_yet_out', 'unstable_exit', 'at_risk'][1 + rnd(household_id, 'class of', 3)]
            WHEN income <> 'unknown' THEN 'none' END AS monitoring_class,
       CASE WHEN 'disaster' IN signs THEN true END AS disaster_hit,
       CASE WHEN 'disaster' IN signs THEN signed_on END AS disaster_hit_on,
       CASE WHEN 'hotline' IN signs THEN true END AS hotline_clue,
       CASE WHEN 'hotline' IN signs THEN signed_on END AS hotline_clue_on,
       CASE WHEN 'lost_income' IN signs THEN true END AS lost_income,
       CASE WHEN 'lost_income' IN signs THEN signed_on END AS lost_income_on,
       CASE WHEN 'earner_died' IN signs THEN true END AS earner_died,
       CASE WHEN 'earner_died' IN signs THEN signed_on END AS earner_died_on,
FROM signed;

CREATE OR REPLACE TEMP VIEW enrolment AS
SELECT * FROM (
    SELECT 'household' AS subject_type, household_id AS subject_id, getvariable('programme') AS programme,
           yuan(CASE WHEN kind = 'clean' THEN due
                     WHEN kind <> 'amount' THEN n * (5000 + rnd(household_id, 'paid', 200) * 100)
                     WHEN rnd(household_id, 'paid', 2) = 0 THEN due + n * 1000 + rnd(household_id, 'more paid', 5000)
                     ELSE due // 2 END) AS amount,
           'month' AS period,
           (date_trunc('month', getvariable('as_of')) - to_months(1 + rnd(household_id, 'since', 50)::INTEGER))::DATE AS starts_on,
           NULL::DATE AS ends_on,
           CASE WHEN rnd(household_id, 'names', 10) < 3 THEN counted_ids END AS persons
    FROM home JOIN purse USING (household_id) WHERE enrolled
    UNION ALL
    SELECT 'person', person_id, getvariable('old_age_programme'), getvariable('old_age_amount'), 'month',
           (date_trunc('month', getvariable('as_of')) - to_months(1 + rnd(person_id, 'since', 6)::INTEGER))::DATE, NULL, NULL
    FROM member WHERE age > getvariable('old_age') AND place = 'home'
        AND rnd(person_id, 'old age', 1000) < getvariable('old_age_rate') AND getvariable('in_force')
    UNION ALL
    SELECT 'person', person_id, getvariable('instead_programme'), getvariable('instead_amount'), 'month',
           (date_trunc('month', getvariable('as_of')) - to_months(1 + rnd(person_id, 'since', 40)::INTEGER))::DATE, NULL, NULL
    FROM member JOIN home USING (household_id) WHERE instead
);

CREATE OR REPLACE TEMP VIEW truth AS
SELECT 'household' AS subject_type, household_id AS subject_id, getvariable('programme') AS programme, kind, plot AS why FROM home;
