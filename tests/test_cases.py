"""The cases that real files and questions brought, where they lie beside the project: each comes out as is said here.

A line is the case's number, then for each of its commands the exit code and what its answer holds: words that all stand
in it, after `!` words of which none does. Commands beyond those of a line are run and may not end in a traceback.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests import test_cases_served
from tests.conftest import Command, Run

#: What comes out, by the number of a case.
RIGHT = """
001 | 1: actors.csv 2 0xe9 cp1252
002 | 0: conforms | 0: Société_de_Coton
003 | 0: conforms
004 | 0: conforms
005 | 1: 5002
006 | 1: 0x9d UTF-8
007 | 0: conforms | 0: Città_di_Però
008 | 1: UTF-16 encoding ! binary
009 | 0: conforms
010 | 0: neither_a_name_nor_a_value conforms
011 | 0: empty_cells_beyond_the_header conforms
012 | 0: 'Id'_as_id 'Name'_as_name conforms
013 | 0: conforms
014 | 1: row_2_looks_like_it ! no_such_column
015 | 1: name This_column_stands_twice
016 | 0: conforms
017 | 0: conforms ! warning
018 | 0: U+200B conforms
019 | 0: U+200B conforms
020 | 0: 'HK' 'GB'
021 | 0: conforms
022 | 0: conforms | 0: | 0:
023 | 1: 300_columns col0 ! col200
024 | 1: actors.csv 2
025 | 1: actors.csv 2
026 | 1: delimiter
027 | 1: delimiter
028 | 0: conforms
029 | 1: 3 binary
030 | 0: conforms
031 | 1: --licence | 1: --licence buyer
032 | 0: conforms
033 | 0: conforms
034 | 0: conforms
035 | 0: conforms
036 | 0: conforms
037 | 1: licence_is_missing
040 | 0: 'TR' 'RU' | 0: /TR /RU
041 | 0: 'GB' 'AE' 'BS' | 0: /GB /AE /SY /CZ /VE /BS
042 | 0: conforms | 0: /CN ! /TW
044 | 0: 'HK' 'MO' 'TW' | 0: /HK /MO /TW /RU /DO
045 | 0: 'CI' | 0: /CI
046 | 0: 'CD' 'BN' 'PS' | 0: /KR /VN /LA /IR /BO /TZ /CD /BN /PS
047 | 0: 'XK' | 0: /XK
048 | 0: conforms | 0: /NA /NO
049 | 1: withdrawn CZ,_SK BQ,_CW,_SX
050 | 1: UNKNOWN Various Leave_the_cell_empty ! Give_an_ISO
051 | 1: US-GA_is_in_US
052 | 0: 'DE' 'CN' 'ES' | 0: /DE /CN /ES
053 | 0: 'CN-XJ' | 0: 1_exposure
054 | 0: 'CN-XJ' | 0: 1_exposure
055 | 0: 'CN-XJ' | 0: 1_exposure
056 | 1: CN-65 CN-XJ MX-CMX
057 | 1: CN-XJ_is_in_CN
058 | 0: conforms | 0: No_exposure_found
060 | 1: 16-07-68 1/2/24 YYYY-MM-DD
061 | 1: 31/12/2023 2023-12-31 2023-04-03_or_2023-03-04
062 | 1: day_number_of_a_spreadsheet 2024-01-01
063 | 1: Leave_the_cell_empty
064 | 1: 0001-01-01 1900-01-01 one_that_nobody_knows
065 | 1: 0000 -0038
066 | 1: lies_before_the_start
067 | 0: '2024-06-30' | 0: 2024-06-30
068 | 1: 2024-6-3 2024/6/3
069 | 1: one_date
070 | 1: no_such_day no_such_month
071 | 1: 202406
075 | 1: 1234_or_1.234 1234.56
076 | 0: conforms
077 | 1: Leave_the_%_out
078 | 1: 1_000 1e3 5E1 NaN
079 | 1: at_most_1
080 | 0: conforms | 0: 12
081 | 1: workers_min_and_workers_max
082 | 1: above_the_largest
083 | 1: at_most_90 41.0082 0,_0
084 | 0: 0,_0 conforms
090 | 1: odd_number_of_digits 09011100
093 | 1: 6109.1 610910.0
094 | 1: 09
095 | 0: '6109' | 0: 6109 | 0: 1_actor_reached
096 | 1: HS_codes:_6109,_6110
097 | 0: '610910' | 0: 610910
098 | 0: no_such_code 6150 999999
099 | 0: conforms | 0: 854140_is_of_an_earlier_edition_of_the_HS | 0: 854140_is_of_an_earlier_edition
100 | 0: This_product_is_text | 0: cotton B12
101 | 1: HS_codes:_6109,_6110
110 | 0: conforms | 0: 1_exposure
111 | 0: conforms | 0: 1_exposure
112 | 1: checksum
113 | 0: conforms | 0: 1_exposure
114 | 0: filler | 0: No_exposure_found
115 | 0: filler | 0: No_exposure_found
117 | 0: filler | 0: No_exposure_found
118 | 1: scheme:value
119 | 1: rounded
120 | 1: gln:4.05E+12 rounded
121 | 0: 2_actors_have_this_identifier | 0: identity_judged_positive
122 | 1: case/a case/c identity_judgements.csv 4
123 | 1: case/b
124 | 0: conforms | 0:
125 | 0: conforms | 2: case/
126 | 0: conforms | 0: merged
127 | 0: conforms | 0: Unit_1:_continued,_now_Unit_2_(2021-06-01)
130 | 0: 150_%
131 | 0: conforms | 0: 4_exposures
132 | 0: same_actor
133 | 0: conforms
134 | 0: conforms | 0: No_exposure_found
135 | 0: at_most_1
136 | 1: above_the_exact_share above_the_maximum_share
137 | 1: share_minimum_and_share_maximum
138 | 1: shareholding,_voting-rights
139 | 0: conforms | 0: No_exposure_found | 0: 2_exposures
140 | 0: conforms | 0: ! 1_exposure | 0: 1_exposure
141 | 0: conforms | 0: ! 1_exposure
142 | 1: before_the_listing_date
143 | 0: status_is_active
144 | 0: conforms | 0: ! 1_exposure | 0: 1_exposure
145 | 0: conforms | 0: Ownership_links_were_not_followed | 0: 2_exposures
146 | 0: conforms | 0:
147 | 1: Give_the_id,_not_the_name:_a
148 | 1: touches_nothing
149 | 1: Revoked_in_full active,_partially-active ! 'Active'
150 | 0: several_names_in_one_cell also_known_as
160 | 0: same_actor
161 | 0: conforms | 0: not-testable
162 | 0: conforms
163 | 0: kept_once
164 | 1: row_2_of_actors.csv
165 | 0: conforms | 0: not-testable
166 | 1: write_123, write_124,
167 | 0: conforms | 0: | 0: case/a/b
168 | 0: conforms | 0: Product SupplyLink
170 | 0: conforms
171 | 0: conforms
172 | 0: markup conforms
173 | 0: conforms
174 | 1: U+0001
175 | 1: U+FFFE U+FFFF
176 | 0: U+202E
177 | 0: conforms ! warning
180 | 0: conforms
181 | 0: conforms
182 | 1: note could_be_found_and_harmed
183 | 0: conforms ! warning
184 | 1: address could_be_found_and_harmed
190 | 0: 'CN-XJ' | 0: 1_exposure
191 | 0: conforms | 0: 1_exposure
194 | 0: conforms | 0: ! 1_exposure | 0: 1_exposure
195 | 1: could_be_found_and_harmed
196 | 1: could_be_found_and_harmed
197 | 0: conforms | 0: ! ,= | 0: ! ,=
198 | 0: conforms | 0: ! ,=HYPERLINK | 2:
199 | 1: HS_codes:_6109,_6110
200 | 1: odd_number_of_digits
201 | 0: filler | 0: filler | 0: ! Zeta
209 | 0: conforms | 0: not-testable | 0: rd/a,A rd/b,B
210 | 0: conforms | 0: 2018,http ! 2018-01-01
211 | 1: 2018-01-01Z
212 | 1: 2018-01-01+08:00
213 | 0: Read_as
214 | 1: -0038
215 | 1: not_a_date 01/02/2018
216 | 1: 9999-12-31
217 | 1: 42024-02-11
218 | 1: This_cell_is_empty type
219 | 0: same_actor
220 | 0: conforms | 0: not-testable | 0: not-testable
221 | 1: https://example.org/untp/ctx.jsonld not_fetched
222 | 1: epcis-context.jsonld not_fetched | 1: says_neither_who_supplied_whom urn:epc:id:sgtin:1.1.1
223 | 0: conforms
224 | 1: line_2
225 | 1: year_is_impossible
226 | 1: 2018Z
228 | 1: rd/a rd/b identity-judgement/n
229 | 1: supply-link/l nobody no_such_id
230 | 0: conforms | 0:
231 | 0: conforms | 0: tier_10
232 | 0: conforms | 0: case/n1
233 | 0: conforms | 0: 1_exposure
234 | 0: conforms | 0: 1_exposure
235 | 0: conforms | 0:
236 | 0: conforms | 0: ! case/c
240 | 0: conforms | 0: | 0:
241 | 1: slug | 1: My_Data | 1: slug | 1: 300_characters
242 | 0: conforms | 0: one/a_and_one/b disputed
243 | 0: conforms | 0: conforms | 0: two_(supply_links,_supplier) one/b
250 | 1: could_be_found_and_harmed
251 | 1: could_be_found_and_harmed
252 | 1: could_be_found_and_harmed
254 | 0: conforms | 0: the_region_is_not
255 | 0: 'TR' 'RU' | 0: /TR /RU
256 | 0: 'US' 'HK' 'VN' | 0: /US /HK /VN
257 | 0: U+200B U+FEFF conforms
258 | 0: conforms | 0: not-testable | 0: not-testable | 0: not-testable | 0: not-testable
259 | 0: conforms | 2: odd_number_of_digits
260 | 0: filler | 0:
261 | 0: conforms | 0: No_exposure_found
262 | 1: ipis.csv 2
263 | 1: hs_code does_not_know_this_column
264 | 1: person no_natural_person
265 | 1: file_is_empty | 1: file_is_empty | 1: not_XML
266 | 1: U+0001
267 | 1: not_JSON
268 | 1: Tables_are: actors
269 | 0: letters_of_their_own conforms
270 | 0: conforms | 0: Coton
271 | 1: Beta_Mills_Ltd no_such_id
272 | 1: ISO_4217 columns_of_their_own
273 | 1: at_least_1 whole_number
280 | 0: 'CN' 'CN-XJ'
282 | 0: conforms | 0: | 1: -0038 | 0: | 0:
283 | 1: quantity
284 | 1: confidence share
285 | 1: U+0001
"""
#: Requests to the service, which `test_cases_served` holds.
SERVED = {name[:3] for name in (*test_cases_served.RIGHT, *test_cases_served.ELSEWHERE)}


def lines(text: str) -> dict[str, list[str]]:
    """Return what is said of each case, by its number."""
    split = (line.split(" | ") for line in text.strip().splitlines())
    return {number.strip(): said for number, *said in split}


def commands(folder: Path, data: Path) -> list[list[str]]:
    """Return the commands of a case, as the words that follow ``opentier``."""
    found = []
    for line in (folder / "commands.txt").read_text("utf-8").splitlines():
        text = line.replace("DATA", str(data)).replace("{d}", str(data)).strip()
        if text.startswith("query:"):
            found.append(["query", "q.rq", "--data", str(data), "--format", "csv"])
        elif text.startswith(("opentier ", "trace case")):
            found.append(shlex.split(text.removeprefix("opentier ")))
    return found


def fits(run: Run, said: str) -> bool:
    """Return whether an answer has the exit code and holds the words that are said of it."""
    code, _, words = said.partition(":")
    answer = re.sub(r"[\s│]+", "_", run.out + run.err)
    wanted, _, unwanted = words.partition("!")
    return (
        run.code == int(code)
        and all(word in answer for word in wanted.split())
        and not any(word in answer for word in unwanted.split())
    )


def misfit(number: str, said: list[str], shared: Path, tmp_path: Path, call: Command) -> str:
    """Run the commands of a case, each of which ends without a traceback; return the first answer that does not fit."""
    (found,) = (shared / "cases").glob(f"{number}-*")
    folder, first = tmp_path / "case", ""
    shutil.copytree(found, folder)
    for place, words in enumerate(commands(folder, tmp_path / "data")):
        run = call(*words, cwd=folder, COLUMNS="1000")
        assert "Traceback" not in run.err, words
        assert run.code in (0, 1, 2), words
        if place < len(said) and not fits(run, said[place]):
            first = first or f"{said[place]} is not {run.code}: {run.out}{run.err}"
    return first


@pytest.mark.parametrize("number", sorted(lines(RIGHT)))
def test_a_case_comes_out_right(number: str, shared: Path, tmp_path: Path, call: Command) -> None:
    assert misfit(number, lines(RIGHT)[number], shared, tmp_path, call) == ""


def test_every_case_is_held(shared: Path) -> None:
    there = {path.name[:3] for path in (shared / "cases").iterdir() if path.is_dir()}
    held = [*lines(RIGHT), *SERVED]
    assert sorted(held) == sorted(there)
