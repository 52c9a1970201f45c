"""An invented pack of months and years: each feature of periods in a variable or two, both backends are held to it."""

from __future__ import annotations

from pathlib import Path

HEAD = """
pack: seasons
edition: "1"
language: doudi-pack/1
areas: all
missing: {missing}
roles: [head, child]
other_programmes: [other]
"""
FILES = {
    "facts.yaml": """
person:
  wage: {type: money, min: "0.00", label: {zh: 工资, en: wage}, question: {zh: 工资是多少？, en: What is the wage?}}
  hours: {type: int, min: 0, label: {zh: 工时, en: hours}}
  prize: {type: money, period: year, label: {zh: 奖金, en: prize}}
  crop: {type: money, min: "-50.00", max: "600.00", spread: true, label: {zh: 收成, en: crop}}
  studies: {type: bool, presumed: false, label: {zh: 在读, en: studies}}
  born: {type: date, period: eternity, label: {zh: 出生, en: born}}
household:
  rent: {type: money, min: "0.00", label: {zh: 房租, en: rent}}
  kind: {type: enum, values: [rural, urban], label: {zh: 类别, en: class}}
  size: {type: money, label: {zh: 面积, en: size}}
""",
    "parameters.yaml": """
months: {label: {zh: 计算月数, en: months counted}, type: int, by: area, values: {2019-01-01: {value: 2}}}
line:
  {label: {zh: 线, en: line}, type: money, values: {2019-01-01: {value: "100.00"}, 2020-05-10: {value: "200.00"}}}
by_kind:
  label: {zh: 按类, en: by class}
  type: money
  per: kind
  values: {2019-01-01: {value: {rural: "1.00", urban: "2.00"}}, 2020-06-01: {value: {rural: "3.00", urban: "4.00"}}}
steps:
  label: {zh: 阶梯, en: steps}
  type: money
  scale:
    kind: single_amount
    brackets: [{threshold: {2019-01-01: {value: 0}}, amount: {2019-01-01: {value: 1}, 2020-06-01: {value: 5}}}]
ended: {label: {zh: 已止, en: ended}, type: money, values: {2019-01-01: {value: "9.00"}, 2020-05-01: {value: null}}}
""",
    "areas/520502000000/parameters.yaml": "months: {values: {2019-01-01: {value: 3}}}\n",
    "variables.yaml": """
wage_before: {entity: person, type: money, expr: "in_month(wage, -3)"}
wages: {entity: person, type: money, expr: "sum_months(wage, 3)"}
mean_wage: {entity: person, type: money, expr: "mean_months(wage, 3)"}
mean_hours: {entity: person, type: number, expr: "mean_months(hours, 3)"}
wages_by_area: {entity: household, type: money, expr: "sum(sum_months(wage, months))"}
mean_by_area: {entity: household, type: money, expr: "sum(mean_months(wage, months))"}
half: {entity: person, type: money, formulas: {2019-01-01: wage, 2020-06-01: "wage * 2"}, end: 2020-12-31}
half_before: {entity: person, type: money, expr: "in_month(half, -2)"}
halves: {entity: person, type: money, expr: "sum_months(half, 2)"}
line_before: {entity: household, type: money, expr: "in_month(of_line, -2)"}
of_line: {entity: household, type: money, expr: line}
line_later: {entity: household, type: money, expr: "in_month(of_line, -1)"}
ended_before: {entity: household, type: money, expr: "in_month(of_ended, -3)"}
of_ended: {entity: household, type: money, expr: ended}
kind_before: {entity: household, type: money, expr: "in_month(of_kind, -3)"}
of_kind: {entity: household, type: money, expr: by_kind}
of_steps: {entity: household, type: money, expr: "scale(steps, rent)"}
steps_before: {entity: household, type: money, expr: "in_month(of_steps, -3)"}
age: {entity: person, type: int, expr: age_years(born)}
age_before: {entity: person, type: int, expr: "in_month(age, -3)"}
today: {entity: household, type: date, expr: as_of()}
day_before: {entity: household, type: date, expr: "in_month(today, -3)"}
studied: {entity: person, type: bool, expr: "in_month(studies, -1)"}
tax:
  entity: household
  type: money
  period: year
  formulas: {2018-01-01: "first_month(size) * 2", 2020-01-01: "first_month(size) * 3"}
  end: 2020-12-31
tax_monthly: {entity: household, type: money, expr: per_month(tax)}
tax_last_year: {entity: household, type: money, period: year, expr: "in_month(tax, -12)"}
prize_monthly: {entity: person, type: money, expr: per_month(prize)}
prize_then: {entity: person, type: money, expr: "in_month(prize_monthly, -12)"}
crop_before: {entity: person, type: money, expr: "in_month(crop, -5)"}
crops: {entity: household, type: money, expr: "sum(sum_months(crop, 7))"}
year_of_wages: {entity: person, type: money, period: year, expr: "sum_months(wage, 3)"}
covered_before: {entity: household, type: bool, expr: "in_month(covered, -2)"}
covered: {entity: household, type: bool, expr: "enrolled('aid')"}
covered_member: {entity: person, type: bool, expr: "in_month(is_covered, -2)"}
is_covered: {entity: person, type: bool, expr: "enrolled('aid')"}
paid_before: {entity: household, type: money, expr: "in_month(paid, -2)"}
paid: {entity: household, type: money, expr: "enrolled_amount('aid')"}
was_eligible: {entity: household, type: bool, expr: "in_month(aid.eligible, -3)"}
was_due: {entity: household, type: money, expr: "in_month(aid.amount, -3)"}
dues: {entity: household, type: money, expr: "sum_months(aid.amount, 4)"}
""",
    "programmes/aid/programme.yaml": """
programme: aid
subject: household
period: month
conditions:
  - {name: low, bit: 0, expr: "rent < line"}
amount: {expr: "line - rent"}
""",
    "programmes/later/programme.yaml": """
programme: later
subject: household
period: month
conditions:
  - {name: low_mean, bit: 0, expr: "sum(mean_wage) < money('500.00')"}
  - {name: rent_before, bit: 1, expr: "in_month(rent, -1) <= rent"}
  - {name: not_covered, bit: 2, expr: not was_eligible}
amount: {expr: "sum(wages) + was_due"}
""",
}


def written(folder: Path, files: dict[str, str], missing: str = "unknown") -> Path:
    for name, text in {"pack.yaml": HEAD.format(missing=missing), **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
