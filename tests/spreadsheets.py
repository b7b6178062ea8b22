"""Spreadsheets as people have them, made by code: every company in them is invented."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import xlsxwriter

from tests.sheets import Table, ods, xls, xlsx

LICENCE = ("--licence", "CC0-1.0")


@dataclass(frozen=True)
class Spreadsheet:
    """A file, what is said of it on the command line, and what is right: actors, links, and values of some of them.

    `links` counts links of supply and of ownership; `unread` are the headers of which nothing is read.
    """

    name: str
    write: Callable[[Path], object]
    actors: int
    links: int
    said: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    holds: dict[str, set[str]] = field(default_factory=dict)


def text(rows: Table, delimiter: str, encoding: str) -> Callable[[Path], object]:
    """Return what writes rows as delimited text."""
    lines = [
        delimiter.join(f'"{cell}"' if delimiter in str(cell) else str(cell) for cell in row) for row in rows
    ]
    return lambda path: path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))


def mapped(*columns: str) -> tuple[str, ...]:
    """Return the options that say what columns are."""
    return tuple(word for column in columns for word in ("--map", column))


def merged(path: Path) -> None:
    """Write a workbook with titles across its columns, and an importer that stands in one cell for several rows."""
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("Q2"), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.merge_range(0, 0, 0, 6, "Direct purchases, second quarter of 2024")
        sheet.write(1, 0, "confidential until published")
        for column, label in enumerate(
            ("Importer", "Vendor name", "Origin", "HS code", "Invoice date", "Amount", "CUR")
        ):
            sheet.write(3, column, label)
        sheet.merge_range(4, 0, 6, 0, "Aurora Textile GmbH")
        sheet.write(7, 0, "Boreal Garments Oy")
        vendors = (("Delta Spinning Ltd", "India", 520511), ("Epsilon Dyeing", "Turkey", 610910),
                   ("Zeta Ginning Co", "Uzbekistan", 5201), ("Delta Spinning Ltd", "India", 520512))  # fmt: skip
        for row, (name, country, code) in enumerate(vendors, 4):
            for column, value in enumerate((name, country, code), 1):
                sheet.write(row, column, value)
            sheet.write_datetime(row, 4, datetime.datetime(2024, 4, row), day)
            sheet.write(row, 5, 1200.5 * row)
            sheet.write(row, 6, "EUR")


def colleague(path: Path) -> None:
    """Write the workbook of the README: notes on a sheet before, titles, cells across rows and columns, odd headers."""
    heads = (
        "Vendor\n(legal name)",
        "Ctry",
        "Province",
        "Street",
        "City",
        "HS Code ",
        "1st delivery",
        "kg / year",
        "QA remark",
    )
    first, second = datetime.date(2021, 3, 1), datetime.date(2023, 9, 15)
    rows = (
        ("China", "Xinjiang", "1 Cotton Rd (invented)", "Aksu", 520512, first, 48000, ""),
        ("China", "Xinjiang", "1 Cotton Rd (invented)", "Aksu", 520511, second, 12500, "samples only"),
        ("Viet Nam", "", "Lot 7, Zone B (invented)", "Nam Dinh", 610910, first, 90250.5, "ok"),
        ("Türkiye", "", "5 Color St (invented)", "Bursa", 320416, second, 800, ""),
    )
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime.datetime(2024, 9, 12)})
        book.add_worksheet("Read me").write(0, 0, "Ask purchasing before you pass this on.")
        sheet, day = book.add_worksheet("Vendors AW24"), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.merge_range("A1:I1", "Acme Outdoor (invented): approved vendors, season AW24")
        sheet.write("A2", "as of 12.09.2024, purchasing")
        for column, head in enumerate(heads):
            sheet.write(3, column, head)
        sheet.merge_range("A5:A6", "Tarim Thread Mill (invented)")
        sheet.write("A7", "Red River Sewing (invented)")
        sheet.write("A8", "Olive Dyehouse (invented)")
        for number, row in enumerate(rows, 4):
            for column, cell in enumerate(row, 1):
                if isinstance(cell, datetime.date):
                    sheet.write_datetime(
                        number, column, datetime.datetime.combine(cell, datetime.time()), day
                    )
                else:
                    sheet.write(number, column, cell)


def parquet(path: Path) -> None:
    """Write Parquet with columns of numbers and of days."""
    names = ["Alpha Metals", "Beta Alloys", "Gamma Mining"]
    columns = {
        "buyer": ["Omega Motors"] * 3, "supplier": names, "supplier_country": ["DE", "CN", "CD"],
        "hs6": pa.array([760120, 760110, 260500], pa.int32()),
        "shipment_date": pa.array([datetime.date(2024, month, 1) for month in (1, 2, 3)]),
        "quantity": [10.5, 20.0, 7.25], "unit": ["t"] * 3,
    }  # fmt: skip
    pyarrow.parquet.write_table(pa.table(columns), path)


GERMAN: Table = [
    ["Lieferantenliste 2024", "", "", "", "", "", ""], ["Stand: Juni", "", "", "", "", "", ""], [""] * 7,
    ["Kunde", "Lieferant", "Land", "Warennummer", "Bestelldatum", "Menge", "Einheit"],
    ["Müller & Söhne KG", "Weberei Nord GmbH", "Deutschland", "5208", "31.12.2023", "1.250,50", "m"],
    ["Müller & Söhne KG", "İplik Sanayi A.S.".replace("İ", "I"), "Türkei", "5205", "05.02.2024", "300", "kg"],
    ["Müller & Söhne KG", "Garn & Co", "Österreich", "5204", "17.03.2024", "75,25", "kg"],
]  # fmt: skip
TURKISH: Table = [
    ["Alıcı", "Tedarikçi", "Ülke", "GTİP", "Fatura tarihi", "Miktar", "Birim", "Açıklama"],
    ["Deniz Giyim A.Ş.", "Ege Pamuk Ltd. Şti.", "Türkiye", "5201", "2024-05-06", "12,5", "ton", ""],
    ["Deniz Giyim A.Ş.", "Işık Boya", "Türkiye", "3204", "2024-05-09", "0,75", "ton", "acil"],
    ["Deniz Giyim A.Ş.", "Karimov Tekstil", "Özbekistan", "5205", "2024-05-10", "8", "ton", ""],
]  # fmt: skip
CHINESE: Table = [
    ["序号", "采购商", "供应商名称", "供应商国家", "海关编码", "日期", "数量", "单位"],
    [1, "远洋服装有限公司", "新疆棉纺织厂", "中国", "520100", datetime.date(2024, 3, 1), 40, "吨"],
    [2, "远洋服装有限公司", "湄公纺纱", "越南", "520511", datetime.date(2024, 3, 9), 15.5, "吨"],
]  # fmt: skip
PORTUGUESE: Table = [
    ["Comprador", "Fornecedor", "País do fornecedor", "NCM", "Data da fatura", "Valor", "Moeda"],
    ["Aço Forte S.A.", "Carvão Verde Ltda", "Brasil", "4402.90.00", "15/01/2024", "R$ 12.345,60", "BRL"],
    ["Aço Forte S.A.", "Minério Serra Ltda", "Brasil", "2601.11.00", "02/02/2024", "R$ 900,00", "BRL"],
    ["Aço Forte S.A.", "Cal do Sul", "Uruguai", "2522", "28/02/2024", "R$ 77,10", "BRL"],
]  # fmt: skip
MILLS: Table = [
    ["UML ID", "Mill Name", "Parent company", "Country", "Province", "Latitude", "Longitude"],
    ["PO1000000001", "Sungai Biru POM", "Biru Group", "Indonesia", "Riau", 0.51, 101.44],
    ["PO1000000002", "Batu Hijau Mill", "Hijau Bhd", "Malaysia", "Sabah", 5.98, 116.07],
    ["PO1000000003", "Rio Verde Extractora", "", "Colombia", "Meta", 3.99, -73.76],
]  # fmt: skip
FACILITIES: Table = [
    ["os_id", "contributor", "name", "address", "country_code", "country_name", "lat", "lng", "number_of_workers"],
    ["CN2019098AAAAAA", "A brand", "Lotus Garment Factory", "1 Mill Road, Shaoxing", "CN", "China", "30.0", "120.58",
     "501-1000"],
    ["BD2019098BBBBBB", "A brand", "Padma Knit Ltd", "Plot 7, Gazipur", "BD", "Bangladesh", "23.99", "90.42",
     "1001-5000"],
]  # fmt: skip
NAMES: Table = [
    ["Customer", "Vendor"],
    *[[f"Chain {n % 3}", f"Vendor {n}"] for n in range(12)],
    ["Chain 0", "Chain 1"],
]
DATES: Table = [
    ["Buyer", "Supplier", "Valid from", "Valid to", "Order date"],
    ["Kappa Foods", "Lambda Cocoa", "5 Mar 2021", "06/2024", "2024-05-01"],
    ["Kappa Foods", "My Sugar", "17 Oct 2019", "12/2023", "2023-12"],
]  # fmt: skip
OWNERS: Table = [
    ["Parent", "Subsidiary", "Stake", "Since"],
    ["Nu Holding", "Xi Trading", 62.5, "2018"], ["Nu Holding", "Pi Fabrics", 100, "2020"],
    ["Xi Trading", "Rho Yarn", 51, "2021"],
]  # fmt: skip

EVERY = (
    Spreadsheet(
        "lieferanten.csv", text(GERMAN, ";", "cp1252"), 4, 3,
        mapped("observed_date=Bestelldatum as %d.%m.%Y", "supplier.country=Land"),
        holds={"quantity": {"1250.5", "300", "75.25"}, "observedDate": {"2023-12-31", "2024-02-05", "2024-03-17"},
               "country": {"DE", "TR", "AT"}},
    ),
    Spreadsheet(
        "purchases.xlsx", merged, 5, 4, mapped("supplier.country=Origin"),
        holds={"observedDate": {f"2024-04-{day:02}" for day in range(4, 8)}, "country": {"IN", "TR", "UZ"}},
    ),
    Spreadsheet(
        "tedarikciler.csv", text(TURKISH, ";", "utf-8-sig"), 4, 3, mapped("supplier.country=Ülke"),
        holds={"quantity": {"12.5", "0.75", "8"}, "country": {"TR", "UZ"}},
    ),
    Spreadsheet(
        "供应商.xlsx", lambda path: xlsx(path, {"清单": CHINESE}), 3, 2, unread=("序号",),
        holds={"country": {"CN", "VN"}, "quantity": {"40", "15.5"}},
    ),
    Spreadsheet(
        "fornecedores.csv", text(PORTUGUESE, ";", "cp1252"), 4, 3,
        mapped("observed_date=Data da fatura as %d/%m/%Y"),
        holds={"value": {"12345.6", "900", "77.1"}, "country": {"BR", "UY"}},
    ),
    Spreadsheet(
        "mills.ods", lambda path: ods(path, {"Universal mills": MILLS}), 3, 0, ("--table", "actors"),
        unread=("Parent company",), holds={"country": {"ID", "MY", "CO"}},
    ),
    Spreadsheet(
        "facilities.csv", text(FACILITIES, ",", "utf-8"), 2, 0, ("--table", "actors"),
        unread=("contributor", "country_name", "number_of_workers"), holds={"country": {"CN", "BD"}},
    ),
    Spreadsheet("names.tsv", text(NAMES, "\t", "utf-16"), 15, 13),
    Spreadsheet(
        "contracts.csv", text(DATES, ",", "utf-8"), 3, 2,
        mapped("start_date=Valid from as %d %b %Y", "end_date=Valid to as %m/%Y"),
        holds={"startDate": {"2021-03-05", "2019-10-17"}, "endDate": {"2024-06", "2023-12"},
               "observedDate": {"2024-05-01", "2023-12"}},
    ),
    Spreadsheet(
        "holdings.xls", lambda path: xls(path, "Holdings", OWNERS), 4, 3, holds={"shareExact": {"62.5", "100", "51"}},
    ),
    Spreadsheet(
        "metals.parquet", parquet, 4, 3, holds={"quantity": {"10.5", "20", "7.25"}, "country": {"DE", "CN", "CD"}},
    ),
)  # fmt: skip
