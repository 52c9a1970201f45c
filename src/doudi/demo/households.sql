-- One block of consecutive villages: who lives there, by the small tables of population.yaml.
-- The first household of each of the first villages plays one plot after the other, so a small population has them all.
-- `rnd(key, salt, n)` is a number below n that depends on nothing but its key, its salt and the seed.
CREATE OR REPLACE TEMP TABLE home AS
WITH candidate AS (
    SELECT v.*, unnest(range(v.persons // 2 + 30)) AS seq FROM block v
), counted AS (
    SELECT *, code('h', division || '/' || seq) AS household_id,
           number + seq * getvariable('villages') AS nth,
           CASE WHEN plot_number(nth) = 'elsewhere_covered' THEN 1
                ELSE pick_size(rnd(division || '/' || seq, 'size', 1000)) END AS wanted
    FROM candidate
), filled AS (
    SELECT *, sum(wanted) OVER (PARTITION BY division ORDER BY seq) - wanted AS before FROM counted
), shaped AS (
    SELECT division, county, other_county, rural, household_id, nth,
           least(wanted, persons - before)::INTEGER AS size
    FROM filled WHERE before < persons
), plotted AS (
    SELECT s.*, pick_shape(size, rnd(household_id, 'shape', 100)) AS shape,
           CASE WHEN l.standard IS NOT NULL AND nth < getvariable('plots') THEN plot_number(nth)
                WHEN l.standard IS NOT NULL THEN pick_plot(rnd(household_id, 'plot', 10000))
                WHEN getvariable('in_force') THEN pick_plot_without_standard(rnd(household_id, 'plot', 10000))
                ELSE 'no_sign' END AS wanted_plot,
           l.standard, l.savings_months, l.homes_max, l.homes_beside_unsafe, l.vehicles_max
    FROM shaped s LEFT JOIN law l ON l.county = s.county AND l.rural = s.rural
)
SELECT p.*, plot.*, rnd(household_id, 'want', 9) % size AS sign_on,
       CASE WHEN plot.sign OR (plot.answered AND rnd(household_id, 'beside', 1000) < rate('sign_besides'))
            THEN pick_sign(rnd(household_id, 'sign', 1000)) END AS sign_1,
       CASE WHEN plot.sign AND rnd(household_id, 'second', 10) < 2
            THEN pick_sign(rnd(household_id, 'sign2', 1000)) END AS sign_2
FROM plotted p
JOIN plot ON plot.plot = CASE WHEN wanted_plot = 'elsewhere_covered' AND size > 1 THEN 'no_sign' ELSE wanted_plot END;

CREATE OR REPLACE TEMP TABLE member AS
WITH aged AS (
    SELECT h.household_id, h.division, h.other_county, h.plot, h.income, h.hukou, h.sign_on, k.k, k.kin, n.role,
           code('p', h.household_id || '/' || k.k) AS person_id,
           pick_place(k.kin, rnd(h.household_id || k.k, 'place', 1000)) AS place,
           k.age_from + rnd(h.household_id, 'age', k.age_to - k.age_from + 1) AS head_age,
           n."after", n.spread, n.low, n.high,
           CASE WHEN k.kin = 'spouse' THEN (rnd(h.household_id || 0, 'sex', 100) < 75) = false
                WHEN k.kin = 'head' THEN rnd(h.household_id || 0, 'sex', 100) < CASE WHEN k.paired THEN 75 ELSE 58 END
                ELSE rnd(h.household_id || k.k, 'sex', 100) < n.men END AS is_man
    FROM home h JOIN shape_kin k USING (shape) JOIN kin n USING (kin)
)
SELECT * EXCLUDE (place, head_age, "after", spread, low, high),
       coalesce(place.place, 'home') AS place, coalesce(place.counts, true) AS counts,
       CASE WHEN place.place = 'away_at_university' THEN 19 + rnd(person_id, 'student', 4)
            ELSE least(high, greatest(low, head_age + "after" - rnd(person_id, 'age', spread + 1))) END AS age
FROM aged;

-- Money of the household as a whole, in fen: what is due and what comes in follow from the plot, not from a test.
CREATE OR REPLACE TEMP TABLE purse AS
WITH people AS (
    SELECT household_id, count(*) FILTER (counts) AS n,
           count(*) FILTER (counts AND age >= 60) AS n_pensions,
           list(person_id ORDER BY person_id) FILTER (counts) AS counted_ids,
           any_value(k) FILTER (k = sign_on AND place = 'home') AS sign_there,
           bool_or(counts AND kin = 'spouse') AS has_spouse, bool_or(counts AND kin = 'adult_child') AS has_earner
    FROM member GROUP BY household_id
), due AS (
    SELECT h.household_id, n, counted_ids, coalesce(sign_there, 0) AS sign_k, h.standard,
           CASE h.income
               WHEN 'below' THEN n * (1000 + rnd(household_id, 'due', h.standard * 3 // 4 - 1000)) + rnd(household_id, 'fen', 100)
               WHEN 'equal' THEN 0
               WHEN 'above' THEN -n * (1000 + rnd(household_id, 'over', 250000)) - rnd(household_id, 'fen', 100)
           END AS due,
           CASE WHEN h.standard IS NOT NULL THEN h.standard // 5 END AS pension, n_pensions,
           has_spouse, has_earner, h.standard * n * h.savings_months AS savings_limit
    FROM home h JOIN people USING (household_id)
), rest AS (
    SELECT *, standard * n - due AS total, standard * n - due - n_pensions * pension AS earned FROM due
), spouse AS (
    SELECT *, CASE WHEN has_spouse THEN earned * rnd(household_id, 'spouse', 40) // 100 ELSE 0 END AS spouse_earns FROM rest
)
SELECT *, CASE WHEN has_earner THEN earned * rnd(household_id, 'earner', 40) // 100 ELSE 0 END AS earner_earns
FROM spouse;
