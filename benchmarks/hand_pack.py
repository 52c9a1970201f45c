# ruff: noqa: E501 (SQL reads better in long lines)
"""The law of `law.py` by hand: SQL as an analyst writes it who knows the figures, the order of the rounds and DuckDB.

The same output as `doudi screen` (outcome, amount, both masks, state of fourteen programmes) with the same care for
unknowns: strict sums, and bounds that decide a comparison. What repeats for each programme (masks, outcome, state) is
a template; everything else is written out. `bench.py` compares the result with ours row by row before it times both.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY = "DATE '2020-07-20'"
PARQUET = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION snappy, ROW_GROUP_SIZE 122880)"


@dataclass(frozen=True)
class Answer:
    """conditions: SQL by bit; amount, ask, applies, elsewhere (another programme has him): SQL or nothing."""

    name: str
    conditions: tuple[str, ...]
    amount: str = ""
    ask: str = "TRUE"
    applies: str = ""
    enrolled: bool = False
    elsewhere: str = ""


PERSONS = (
    Answer("tekun", ("counted", "minor OR birth_date <= DATE '1960-07-20' OR severe", "nobody_able", "below_line"),
           "greatest(tekun_amount - own, 0.00)", enrolled=True),
    Answer("living_subsidy", ("grade <> 'none'", "counted", "poor"), "living_amount",
           elsewhere="tekun_in OR tekun__outcome = 'eligible'::outcome"),
    Answer("care_subsidy", ("severe", "counted"), "CASE grade WHEN '1' THEN care_first ELSE care_second END",
           enrolled=True, elsewhere="coalesce({elder} > {mine} OR ({elder} = {mine} AND elder_allowance_in), FALSE)"),
    Answer("elder_allowance", ("birth_date <= DATE '1940-07-20'", "counted"),
           "CASE WHEN birth_date <= DATE '1920-07-20' THEN 3 * elder_amount "
           "WHEN birth_date <= DATE '1930-07-20' THEN 2 * elder_amount ELSE elder_amount END",
           enrolled=True, elsewhere="coalesce({care} >= {mine}, FALSE)"),
    Answer("orphan_allowance", ("minor", "nobody_grown_up", "counted"), "orphan_amount",
           elsewhere="tekun_in OR tekun__outcome = 'eligible'::outcome"),
    Answer("study_grant", ("studies", "counted", "poor", "birth_date > DATE '1995-07-20'"), "study_amount"),
)  # fmt: skip
DIBAO = Answer(
    "dibao",
    ("somebody", "coalesce(income < need, CASE WHEN income_hi < need_lo THEN TRUE WHEN income_lo >= need_hi THEN FALSE END)",
     "coalesce(savings <= need * months, CASE WHEN savings <= need_lo * months THEN TRUE "
     "WHEN coalesce(savings, 0) > need_hi * months THEN FALSE END)",
     "homes <= 1 OR (house_state IN ('grade_d', 'collapsed') AND homes <= 2)", "vehicles <= 0"),
    "need - income", ask="ill OR hit OR dibao_in", enrolled=True,
)  # fmt: skip
NEAR_POOR = Answer(
    "near_poor",
    ("somebody", "coalesce(2 * income < 3 * need, CASE WHEN 2 * income_hi < 3 * need_lo THEN TRUE "
     "WHEN 2 * income_lo >= 3 * need_hi THEN FALSE END)",
     "coalesce(savings <= 2 * need * months, CASE WHEN savings <= 2 * need_lo * months THEN TRUE "
     "WHEN coalesce(savings, 0) > 2 * need_hi * months THEN FALSE END)", "vehicles <= 1"),
    ask="ill OR hit", elsewhere="dibao_in OR dibao__outcome = 'eligible'::outcome",
)  # fmt: skip
HOUSEHOLDS = (
    Answer("medical_aid",
           ("coalesce(bills > bill_line, CASE WHEN bills_lo > bill_line THEN TRUE WHEN bills_hi <= bill_line THEN FALSE END)",
            "dibao OR near_poor OR any_tekun",
            "coalesce(savings < 2 * bills + bill_line, CASE WHEN savings < 2 * bills_lo + bill_line THEN TRUE "
            "WHEN coalesce(savings, 0) >= 2 * bills_hi + bill_line THEN FALSE END)"),
           "CASE WHEN bills IS NOT NULL THEN least((bills - bill_line) * bill_share, bill_most) END", ask="ill"),
    Answer("relief",
           ("hit OR house_state = 'collapsed'",
            "CASE WHEN grown_lo + young_lo > 0 THEN TRUE WHEN grown_hi + young_hi <= 0 THEN FALSE END"),
           "relief_amount * members", ask="ill OR hit"),
    Answer("house_repair",
           ("house_state IN ('grade_c', 'grade_d', 'collapsed')", "dibao OR near_poor OR any_tekun", "homes <= 1"),
           "CASE house_state WHEN 'grade_c' THEN repair_half ELSE repair_amount END", ask="ill OR hit",
           applies="household_class = 'rural'"),
    Answer("winter_fuel", ("dibao OR any_living", "somebody"), "fuel_amount * members", ask="ill OR hit"),
    Answer("price_supplement",
           ("CASE WHEN heads_lo > 0 THEN TRUE WHEN heads_hi <= 0 THEN FALSE END",), "price_amount * heads",
           ask="ill OR hit"),
    Answer("family_bonus",
           ("CASE WHEN study_lo >= 2 THEN TRUE WHEN study_hi < 2 THEN FALSE END", "vehicles <= 0"),
           "floor(study_amount * study * bill_share)", ask="ill OR hit"),
)  # fmt: skip


def sql(snapshot: str, out: str) -> str:
    """Every statement; the two tables are written to `out`/person.parquet and `out`/household.parquet."""
    return _TABLES.replace("$snapshot", snapshot) + _rounds(snapshot, out)


_TABLES = f"""
CREATE TYPE outcome AS ENUM ('eligible', 'not_eligible', 'needs_verification', 'not_applicable');
CREATE TYPE state AS ENUM ('not_applicable', 'not_eligible', 'unknown_no_sign', 'to_verify', 'missed', 'covered',
  'covered_to_verify', 'covered_wrong_amount', 'covered_not_eligible', 'covered_elsewhere');
SET preserve_insertion_order = true;

CREATE TEMP TABLE enrolled AS
  SELECT subject_type, subject_id, programme, CASE WHEN count(amount) = count(*) THEN sum(amount)::DECIMAL(14, 2) END AS paid
  FROM read_parquet('$snapshot/enrolment/*.parquet')
  WHERE starts_on <= {DAY} AND coalesce(ends_on >= {DAY}, TRUE) GROUP BY ALL;
CREATE TEMP TABLE paid_person AS
  SELECT subject_id, bool_or(programme = 'tekun') AS tekun_in, any_value(paid) FILTER (WHERE programme = 'tekun') AS tekun_paid,
    bool_or(programme = 'care_subsidy') AS care_subsidy_in, any_value(paid) FILTER (WHERE programme = 'care_subsidy') AS care_subsidy_paid,
    bool_or(programme = 'elder_allowance') AS elder_allowance_in,
    any_value(paid) FILTER (WHERE programme = 'elder_allowance') AS elder_allowance_paid
  FROM enrolled WHERE subject_type = 'person' GROUP BY subject_id;

CREATE TEMP TABLE figures AS SELECT generous, household_class,
    CASE WHEN rural THEN CASE WHEN generous THEN 610.00 ELSE 480.00 END ELSE CASE WHEN generous THEN 690.00 ELSE 560.00 END END::DECIMAL(5, 2) AS standard,
    CASE WHEN generous THEN 24 ELSE 18 END AS months,
    CASE WHEN rural THEN CASE WHEN generous THEN 820.00 ELSE 640.00 END ELSE CASE WHEN generous THEN 910.00 ELSE 760.00 END END::DECIMAL(5, 2) AS tekun_amount,
    CASE WHEN generous THEN 650.00 ELSE 500.00 END::DECIMAL(5, 2) AS tekun_line,
    CASE WHEN generous THEN 80.00 ELSE 60.00 END::DECIMAL(4, 2) AS living_amount,
    CASE WHEN generous THEN 120.00 ELSE 90.00 END::DECIMAL(5, 2) AS care_first,
    CASE WHEN generous THEN 90.00 ELSE 60.00 END::DECIMAL(4, 2) AS care_second,
    CASE WHEN generous THEN 100.00 ELSE 50.00 END::DECIMAL(5, 2) AS elder_amount,
    CASE WHEN generous THEN 1250.00 ELSE 1050.00 END::DECIMAL(6, 2) AS orphan_amount,
    CASE WHEN generous THEN 2000.00 ELSE 3000.00 END::DECIMAL(6, 2) AS bill_line,
    CASE WHEN generous THEN 0.40 ELSE 0.30 END::DECIMAL(3, 2) AS bill_share,
    CASE WHEN generous THEN 30000.00 ELSE 20000.00 END::DECIMAL(7, 2) AS bill_most,
    CASE WHEN generous THEN 200.00 ELSE 150.00 END::DECIMAL(5, 2) AS study_amount,
    CASE WHEN rural THEN CASE WHEN generous THEN 55.00 ELSE 40.00 END ELSE CASE WHEN generous THEN 45.00 ELSE 30.00 END END::DECIMAL(4, 2) AS fuel_amount,
    CASE WHEN generous THEN 35.00 ELSE 25.00 END::DECIMAL(4, 2) AS price_amount,
    CASE WHEN generous THEN 20000.00 ELSE 14000.00 END::DECIMAL(7, 2) AS repair_amount,
    CASE WHEN generous THEN 10000.00 ELSE 7000.00 END::DECIMAL(7, 2) AS repair_half,
    CASE WHEN generous THEN 450.00 ELSE 300.00 END::DECIMAL(5, 2) AS relief_amount
  FROM (VALUES (TRUE), (FALSE)) g(generous), (VALUES ('rural', TRUE), ('urban', FALSE)) c(household_class, rural);

CREATE TEMP TABLE h AS
  SELECT b.household_id, b.division, b.household_class, savings, homes, vehicles, house_state,
    coalesce(disaster_hit, FALSE) AS hit, left(b.division, 6) IN ('341502', '341503', '341504') AS generous,
    able_lo, able_hi, grown_lo, grown_hi, young_lo, young_hi, bills, bills_lo, bills_hi, ill
  FROM read_parquet('$snapshot/household/*.parquet') b JOIN (
    SELECT household_id, count(*) FILTER (WHERE able) AS able_lo, count(*) FILTER (WHERE able IS NOT FALSE) AS able_hi,
      count(*) FILTER (WHERE counted AND NOT minor) AS grown_lo, count(*) FILTER (WHERE (counted AND NOT minor) IS NOT FALSE) AS grown_hi,
      count(*) FILTER (WHERE counted AND minor) AS young_lo, count(*) FILTER (WHERE (counted AND minor) IS NOT FALSE) AS young_hi,
      CASE WHEN count(mine) = count(*) THEN sum(mine)::DECIMAL(18, 2) END AS bills,
      sum(CASE WHEN counted THEN coalesce(medical_bill, 0) ELSE 0 END)::DECIMAL(18, 2) AS bills_lo,
      CASE WHEN count(most) = count(*) THEN sum(most)::DECIMAL(18, 2) END AS bills_hi,
      bool_or(coalesce(serious_illness, FALSE)) AS ill
    FROM (SELECT *, counted AND NOT minor AND birth_date > DATE '1960-07-20' AND NOT severe AS able,
        CASE WHEN counted THEN medical_bill WHEN NOT counted THEN 0 END AS mine,
        CASE WHEN counted IS NOT FALSE THEN medical_bill ELSE 0 END AS most
      FROM (SELECT household_id, birth_date, medical_bill, serious_illness, birth_date > DATE '2002-07-20' AS minor,
          lives_here AND NOT (coalesce(is_deceased, FALSE) AND died_on <= {DAY}) AS counted,
          coalesce(disability_grade, 'none') IN ('1', '2') AS severe
        FROM read_parquet('$snapshot/person/*.parquet')))
    GROUP BY household_id) a USING (household_id);
"""
_PERSON = f"""
  SELECT p.person_id, p.household_id, p.division, p.birth_date, wage + pension + transfer AS own,
    coalesce(wage, 0) + coalesce(pension, 0) + coalesce(transfer, 0) AS own_lo, birth_date > DATE '2002-07-20' AS minor,
    lives_here AND NOT (coalesce(is_deceased, FALSE) AND died_on <= {DAY}) AS counted,
    coalesce(disability_grade, 'none') AS grade, coalesce(disability_grade, 'none') IN ('1', '2') AS severe,
    coalesce(student, FALSE) AS studies, CASE WHEN able_lo > 0 THEN FALSE WHEN able_hi = 0 THEN TRUE END AS nobody_able,
    CASE WHEN grown_lo > 0 THEN FALSE WHEN grown_hi = 0 THEN TRUE END AS nobody_grown_up,
    f.* EXCLUDE (generous, household_class), $more
  FROM read_parquet('$snapshot/person/*.parquet') p LEFT JOIN $households h ON h.household_id = p.household_id
    LEFT JOIN figures f ON f.generous = h.generous AND f.household_class = h.household_class"""

_HOUSEHOLD = """
  SELECT h.*, f.* EXCLUDE (generous, household_class), members_lo, members_hi, income, income_lo, income_hi, any_tekun,
    CASE WHEN members_lo = members_hi THEN members_lo END AS members, cared_lo, cared_hi,
    CASE WHEN members_lo > 0 THEN TRUE WHEN members_hi <= 0 THEN FALSE END AS somebody,
    CASE WHEN members_lo = members_hi THEN standard * members_lo END AS need, standard * members_lo AS need_lo, standard * members_hi AS need_hi,
    e.subject_id IS NOT NULL AS dibao_in, e.paid AS dibao_paid
  FROM h JOIN m USING (household_id) LEFT JOIN figures f ON f.generous = h.generous AND f.household_class = h.household_class
    LEFT JOIN enrolled e ON e.subject_type = 'household' AND e.programme = 'dibao' AND e.subject_id = h.household_id"""


def _rounds(snapshot: str, out: str) -> str:
    first = _PERSON.replace("$snapshot", snapshot).replace("$households", "h").replace(", $more", "")
    below = "coalesce(own < tekun_line, CASE WHEN own_lo >= tekun_line THEN FALSE END)"
    tekun = " AND ".join(f"({c})" for c in PERSONS[0].conditions)
    members = f"""
CREATE TEMP TABLE m AS
  SELECT household_id, count(*) FILTER (WHERE member) AS members_lo, count(*) FILTER (WHERE member IS NOT FALSE) AS members_hi,
    CASE WHEN count(mine) = count(*) THEN sum(mine)::DECIMAL(18, 2) END AS income,
    sum(CASE WHEN member THEN own_lo ELSE 0 END)::DECIMAL(18, 2) AS income_lo,
    CASE WHEN count(most) = count(*) THEN sum(most)::DECIMAL(18, 2) END AS income_hi,
    CASE WHEN bool_or(tekun) THEN TRUE WHEN count(tekun) = count(*) THEN FALSE END AS any_tekun,
    count(*) FILTER (WHERE tekun OR orphan) AS cared_lo, count(*) FILTER (WHERE (tekun OR orphan) IS NOT FALSE) AS cared_hi
  FROM (SELECT *, CASE WHEN member THEN own WHEN NOT member THEN 0 END AS mine, CASE WHEN member IS NOT FALSE THEN own ELSE 0 END AS most
    FROM (SELECT *, counted AND NOT tekun AS member FROM (
      SELECT *, {tekun} AS tekun, minor AND nobody_grown_up AND counted AS orphan FROM (SELECT *, {
        below
    } AS below_line FROM ({first})))))
  GROUP BY household_id;
CREATE TEMP TABLE poor AS
  {_judged(NEAR_POOR, _judged(DIBAO, _HOUSEHOLD))};
"""
    more = """dibao_met OR near_poor_met AS poor, e.subject_id IS NOT NULL AND tekun_in AS tekun_in, tekun_paid,
    e.subject_id IS NOT NULL AND care_subsidy_in AS care_subsidy_in, care_subsidy_paid,
    e.subject_id IS NOT NULL AND elder_allowance_in AS elder_allowance_in, elder_allowance_paid"""
    person = _PERSON.replace("$snapshot", snapshot).replace("$households", "poor").replace("$more", more)
    person = f"SELECT *, {below} AS below_line FROM ({person} LEFT JOIN paid_person e ON e.subject_id = p.person_id)"
    for answer in PERSONS:
        person = _judged(answer, person, with_state=False)
    theirs = {
        "elder": "CASE WHEN elder_allowance__outcome = 'eligible'::outcome THEN elder_allowance__amount "
                 "WHEN elder_allowance_in THEN elder_allowance_paid END",
        "care": "CASE WHEN care_subsidy__outcome = 'eligible'::outcome THEN care_subsidy__amount "
                "WHEN care_subsidy_in THEN care_subsidy_paid END",
    }  # fmt: skip
    states = ", ".join(_state(a, a.elsewhere.format(mine=f"{a.name}__amount", **theirs)) for a in PERSONS)
    persons = f"""
COPY (SELECT person_id, household_id, division, {_columns(PERSONS)} FROM (SELECT *, {states} FROM ({person})))
  TO '{out}/person.parquet' {PARQUET};
"""
    home = f"""SELECT *, dibao_met AS dibao, near_poor_met AS near_poor, coalesce(living_any, living_any) AS any_living,
    CASE WHEN study_lo = study_hi THEN study_lo END AS study,
    CASE WHEN dibao_met THEN members WHEN NOT dibao_met THEN 0 WHEN members = 0 THEN 0 END + CASE WHEN cared_lo = cared_hi THEN cared_lo END AS heads,
    CASE WHEN dibao_met THEN members_lo ELSE 0 END + cared_lo AS heads_lo,
    CASE WHEN NOT dibao_met THEN 0 ELSE members_hi END + cared_hi AS heads_hi
  FROM (SELECT p.*, coalesce(study_lo, 0) AS study_lo, coalesce(study_hi, 0) AS study_hi,
      CASE WHEN living_lo > 0 THEN TRUE WHEN living_hi > 0 THEN NULL ELSE FALSE END AS living_any
    FROM poor p LEFT JOIN (
      SELECT household_id, count(*) FILTER (WHERE study_grant__outcome = 'eligible') AS study_lo,
        count(*) FILTER (WHERE study_grant__outcome <> 'not_eligible') AS study_hi,
        count(*) FILTER (WHERE living_subsidy__outcome = 'eligible') AS living_lo,
        count(*) FILTER (WHERE living_subsidy__outcome <> 'not_eligible') AS living_hi
      FROM read_parquet('{out}/person.parquet')
      WHERE study_grant__outcome <> 'not_eligible' OR living_subsidy__outcome <> 'not_eligible' GROUP BY household_id
    ) USING (household_id))"""
    for answer in HOUSEHOLDS:
        home = _judged(answer, home)
    return f"""{members}{persons}
COPY (SELECT household_id, division, {_columns((DIBAO, NEAR_POOR, *HOUSEHOLDS))} FROM ({home}) ORDER BY division, household_id)
  TO '{out}/household.parquet' {PARQUET};
"""


def _judged(a: Answer, rows: str, with_state: bool = True) -> str:
    """The rows with one programme's outcome, amount, masks (and state), and whether it is met."""
    names = [f"{a.name}_c{bit}" for bit in range(len(a.conditions))]
    conditions = ", ".join(f"{c} AS {n}" for c, n in zip(a.conditions, names, strict=True))
    if a.amount:
        conditions += f", ({a.amount})::DECIMAL(14, 2) AS {a.name}_due"
    if a.applies:
        conditions += f", {a.applies} AS {a.name}_applies"
    met = " AND ".join(names)
    bits = [f"({n} IS NOT DISTINCT FROM FALSE)::UTINYINT * {1 << bit}::UTINYINT" for bit, n in enumerate(names)]
    blanks = [f"({n} IS NULL)::UTINYINT * {1 << bit}::UTINYINT" for bit, n in enumerate(names)]
    known = f" AND {a.name}_due IS NOT NULL" if a.amount else ""
    outside = f"WHEN NOT {a.name}_applies THEN " if a.applies else ""
    first = f"{outside}'not_applicable'::outcome " if outside else ""
    failed, unknown = " | ".join(bits), " | ".join(blanks)
    if outside:
        failed, unknown = (f"CASE {outside}0::UTINYINT ELSE {m} END" for m in (failed, unknown))
    outcome = (
        f"CASE {first}WHEN {a.name}_all{known} THEN 'eligible'::outcome WHEN NOT {a.name}_all THEN 'not_eligible'::outcome "
        "ELSE 'needs_verification'::outcome END"
    )
    amount = f"CASE {outside + 'NULL ' if outside else ''}WHEN {a.name}_all THEN {a.name}_due END"
    if not a.amount:
        amount = "NULL::DECIMAL(14, 2)"
    rows = f"SELECT *, {met} AS {a.name}_all, {failed} AS {a.name}_bits, {unknown} AS {a.name}_blank FROM (SELECT *, {conditions} FROM ({rows}))"
    rows = f"SELECT *, {outcome} AS {a.name}__outcome, {amount} AS {a.name}__amount FROM ({rows})"
    eligible = f"CASE {a.name}__outcome WHEN 'eligible'::outcome THEN TRUE WHEN 'needs_verification'::outcome THEN NULL ELSE FALSE END"
    more = f", {_state(a, a.elsewhere)}" if with_state else ""
    met_name = f", {eligible} AS {a.name}_met" if a in (DIBAO, NEAR_POOR) else ""
    return f"SELECT *{met_name}{more} FROM ({rows})"


def _state(a: Answer, elsewhere: str) -> str:
    outcome = f"{a.name}__outcome"
    cases = f"WHEN {outcome} = 'not_applicable'::outcome THEN 'not_applicable'::state " if a.applies else ""
    if a.enrolled:
        cases += (
            f"WHEN {a.name}_in THEN CASE {outcome} WHEN 'not_eligible'::outcome THEN 'covered_not_eligible'::state "
            f"WHEN 'needs_verification'::outcome THEN 'covered_to_verify'::state "
            f"ELSE CASE WHEN {a.name}__amount <> {a.name}_paid THEN 'covered_wrong_amount'::state ELSE 'covered'::state END END "
        )
    cases += f"WHEN {outcome} = 'not_eligible'::outcome THEN 'not_eligible'::state "
    if elsewhere:
        cases += f"WHEN {elsewhere} THEN 'covered_elsewhere'::state "
    cases += f"WHEN {outcome} = 'eligible'::outcome THEN 'missed'::state "
    return f"CASE {cases}WHEN {a.ask} THEN 'to_verify'::state ELSE 'unknown_no_sign'::state END AS {a.name}__state"


def _columns(answers: tuple[Answer, ...]) -> str:
    columns = []
    for a in sorted(answers, key=lambda a: a.name):
        in_doubt = f"{a.name}__outcome = 'needs_verification'::outcome AND {a.name}_blank = 0"
        unknown = (
            f"CASE WHEN {in_doubt} THEN 1::BIGINT << 62 ELSE {a.name}_blank::BIGINT END"
            if a.amount
            else f"{a.name}_blank::BIGINT"
        )
        columns += [
            f"{a.name}__outcome", f"{a.name}__amount", f"{a.name}_bits::BIGINT AS {a.name}__failed",
            f"{unknown} AS {a.name}__unknown", f"{a.name}__state",
        ]  # fmt: skip
    return ", ".join(columns)
