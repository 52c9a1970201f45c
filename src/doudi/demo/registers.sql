-- Names, numbers and words for the people of a snapshot and of the cast; nothing here exists.
CREATE OR REPLACE TEMP TABLE who AS
WITH home AS (
    SELECT person_id, household_id, role, sex, birth_date,
           pick_surname(rnd(household_id, 'surname', surnames())) AS family,
           pick_surname(rnd(person_id, 'surname', surnames())) AS own
    FROM person
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY birth_date, sex ORDER BY person_id) AS nth FROM home
), named AS (
    SELECT person_id, birth_date,
           CASE WHEN role IN ('head', 'child', 'grandchild', 'sibling') OR (role = 'parent' AND sex = 'M') THEN family ELSE own END
           || given(sex, rnd(person_id, 'given', 1000000)) AS name,
           -- the cast's numbers end below 150; a day and a sex have room for 420 more
           '341599' || strftime(birth_date, '%Y%m%d')
               || lpad((158 + 2 * nth + CASE sex WHEN 'M' THEN 1 ELSE 0 END)::VARCHAR, 3, '0') AS body,
           '1000' || lpad(rnd(person_id, 'phone', 10000000)::VARCHAR, 7, '0') AS phone,
           '629999' || lpad(rnd(person_id, 'account', 10000000000000)::VARCHAR, 13, '0') AS account
    FROM numbered
)
SELECT n.person_id, coalesce(c.name, n.name) AS name, coalesce(c.number, body || check_digit(body)) AS number, phone, account
FROM named n LEFT JOIN cast_people c USING (person_id);

CREATE OR REPLACE TEMP VIEW lapsed AS
SELECT household_id FROM lapsed_household
UNION SELECT p.household_id FROM lapsed_person JOIN person p USING (person_id);

CREATE OR REPLACE TEMP VIEW line AS
WITH head AS (
    SELECT household_id, first(name) AS head_name, first(number) AS head_number, first(account) AS head_account
    FROM person JOIN who USING (person_id) WHERE role = 'head' GROUP BY household_id
), home AS (
    SELECT household.*, row_number() OVER (ORDER BY division, household_id) AS household_no,
           d.settled_on AS cast_settled_on, coalesce(d.surveyed_on, getvariable('as_of') - rnd(household_id, 'surveyed', 180)::INTEGER) AS surveyed_on
    FROM household LEFT JOIN cast_days d USING (household_id)
), size AS (
    SELECT household_id, count(*) AS household_size,
           bool_or(work_income IS NOT NULL AND NOT coalesce(is_deceased, false)) AS has_income
    FROM person GROUP BY household_id
)
SELECT p.*, h.* EXCLUDE (household_id, division), s.household_size, w.name, w.number, w.account,
       head_name, head_number, head_account, place.township, place.village,
       s.has_income OR h.savings IS NOT NULL OR h.household_id IN (FROM lapsed) AS is_asked,
       coalesce(cast_settled_on, getvariable('as_of') - (30 + rnd(p.person_id, 'settled', 200))::INTEGER) AS settled_on,
       CASE p.role WHEN 'head' THEN '户主'
            WHEN 'spouse' THEN CASE sex WHEN 'M' THEN '丈夫' ELSE '妻子' END
            WHEN 'child' THEN CASE sex WHEN 'M' THEN '儿子' ELSE '女儿' END
            WHEN 'child_in_law' THEN CASE sex WHEN 'M' THEN '女婿' ELSE '儿媳' END
            WHEN 'grandchild' THEN CASE sex WHEN 'M' THEN '孙子' ELSE '孙女' END
            WHEN 'parent' THEN CASE sex WHEN 'M' THEN '父亲' ELSE '母亲' END
            WHEN 'parent_in_law' THEN CASE sex WHEN 'M' THEN '公公' ELSE '婆婆' END
            WHEN 'sibling' THEN CASE sex WHEN 'M' THEN '兄' ELSE '姐' END END AS role_word,
       CASE household_class WHEN 'rural' THEN '农村' WHEN 'urban' THEN '城市' END AS class_word,
       CASE WHEN is_deceased AND died_on <= surveyed_on THEN '已故'
            WHEN in_custody AND in_custody_from <= surveyed_on THEN '服刑'
            WHEN lives_here IS NOT false THEN NULL WHEN student THEN '外出就读' WHEN residence_division IS NOT NULL THEN '外出务工' ELSE '另住' END AS reason_word,
       CASE house_state WHEN 'safe' THEN '安全' WHEN 'grade_c' THEN 'C级' WHEN 'grade_d' THEN 'D级'
            WHEN 'damaged' THEN '受损' WHEN 'collapsed' THEN '倒塌' END AS house_word,
       CASE monitoring_class WHEN 'not_yet_out' THEN '未脱贫' WHEN 'unstable_exit' THEN '脱贫不稳定'
            WHEN 'at_risk' THEN '边缘易致贫' END AS monitored_word,
       CASE disability_category WHEN 'visual' THEN '视力' WHEN 'hearing' THEN '听力' WHEN 'speech' THEN '言语'
            WHEN 'physical' THEN '肢体' WHEN 'intellectual' THEN '智力' WHEN 'mental' THEN '精神'
            WHEN 'multiple' THEN '多重' END AS disability_word,
       ['一级', '二级', '三级', '四级'][disability_grade::INTEGER] AS grade_word,
       (1 + rnd(p.person_id, 'kind', 7))::VARCHAR || disability_grade AS disability_code
FROM person p JOIN home h USING (household_id) JOIN size s USING (household_id) JOIN who w USING (person_id)
JOIN head USING (household_id) JOIN place ON place.division = h.division;

-- The survey sheets. What a survey said for a time only stands on a sheet of its own, with the day to which it counted;
-- what it said for good stands with the others, without what was seen later (a house that has fallen since).
CREATE OR REPLACE TEMP VIEW survey AS
SELECT * REPLACE (CASE WHEN household_id NOT IN (FROM lapsed) THEN house_word END AS house_word),
       township AS survey_sheet, NULL::DATE AS valid_to
FROM line WHERE is_asked
UNION ALL BY NAME
SELECT line.* REPLACE (
           p.work_income AS work_income, p.business_income AS business_income, p.property_income AS property_income,
           p.transfer_income AS transfer_income, p.income_deductions AS income_deductions,
           h.savings AS savings, h.homes AS homes, h.vehicles AS vehicles,
           CASE h.house_state WHEN 'safe' THEN '安全' END AS house_word,
           coalesce(p.surveyed_on, h.surveyed_on) AS surveyed_on,
           NULL AS class_word, NULL AS lives_here, NULL AS reason_word, NULL AS serious_illness, NULL AS student),
       '往次入户调查' AS survey_sheet, coalesce(p.valid_to, h.valid_to) AS valid_to
FROM line LEFT JOIN lapsed_person p USING (person_id) LEFT JOIN lapsed_household h ON h.household_id = line.household_id
WHERE p.valid_to IS NOT NULL OR h.valid_to IS NOT NULL;

CREATE OR REPLACE TEMP VIEW paid AS
WITH listed AS (
    SELECT subject_id, amount, starts_on, unnest(coalesce(persons, everybody)) AS member
    FROM enrolment JOIN (SELECT household_id, list(person_id) AS everybody FROM person GROUP BY household_id) h
        ON h.household_id = subject_id
    WHERE subject_type = 'household' AND programme = getvariable('programme')
)
SELECT home.* EXCLUDE (person_id, name, number, role_word), l.amount, l.starts_on, home.head_account AS account,
       count(*) OVER (PARTITION BY l.subject_id) AS n_persons, pick_class(rnd(l.subject_id, 'class', 3)) AS category,
       member.person_id, member.name, member.number,
       CASE WHEN member.household_id = home.household_id THEN member.role_word ELSE '兄' END AS role_word
FROM listed l JOIN line member ON member.person_id = l.member
JOIN line home ON home.household_id = l.subject_id AND home.role = 'head';

CREATE OR REPLACE TEMP VIEW instead AS
SELECT line.*, enrolment.amount, enrolment.starts_on FROM line
JOIN enrolment ON subject_type = 'person' AND subject_id = person_id AND programme = getvariable('instead_programme');
