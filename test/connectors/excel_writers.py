# Writes the same rows as workbooks with independent programs: excel_writers.py DIRECTORY.
import datetime
import sys

import openpyxl
import openpyxl.worksheet.table
import xlsxwriter
import xlwt

HEAD = ["id", "größe 😀", "price", "day", "at", "ok"]
ROWS = [[number, "text %d & <ü😀>" % number if number % 3 else None, number / 4,
		datetime.date(1910, 3, 1) + datetime.timedelta(number * 150),
		datetime.datetime(2024, 2, 28, 23, 59, 59) + datetime.timedelta(number / 7),
		number % 2 == 0] for number in range(1, 301)]


def with_openpyxl(path, write_only):
	book = openpyxl.Workbook(write_only=write_only)
	sheet = book.create_sheet("rows")
	if not write_only:
		del book["Sheet"]
	for row in [HEAD] + ROWS:
		sheet.append(row)
	if not write_only:
		sheet.add_table(openpyxl.worksheet.table.Table(displayName="Rows_1", ref="A1:F301"))
	book.save(path)


def with_xlsxwriter(path, options):
	book = xlsxwriter.Workbook(path, options)
	formats = {3: book.add_format({"num_format": "dd/mm/yyyy"}), 4: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})}
	sheet = book.add_worksheet("rows")
	sheet.write_row(0, 0, HEAD)
	for number, row in enumerate(ROWS, 1):
		for column, value in enumerate(row):
			if value is not None:
				sheet.write(number, column, value, formats.get(column))
	book.close()


def with_xlwt(path):
	book = xlwt.Workbook(encoding="utf-8")
	styles = {3: xlwt.easyxf(num_format_str="DD/MM/YYYY"), 4: xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")}
	sheet = book.add_sheet("rows")
	for number, row in enumerate([HEAD] + ROWS):
		for column, value in enumerate(row):
			if value is not None:
				sheet.write(number, column, value, styles.get(column, xlwt.Style.default_style))
	book.save(path)


directory = sys.argv[1]
with_openpyxl(directory + "/openpyxl.xlsx", False)
with_openpyxl(directory + "/openpyxl_streamed.xlsx", True)
with_xlsxwriter(directory + "/xlsxwriter.xlsx", {})
with_xlsxwriter(directory + "/xlsxwriter_inline_1904.xlsx", {"constant_memory": True, "date_1904": True})
with_xlwt(directory + "/xlwt.xls")
with open(directory + "/rows.txt", "w", encoding="utf-8") as out:
	for row in ROWS:
		at = row[4] + datetime.timedelta(microseconds=500)
		texts = [row[0], row[1], "%.15g" % row[2], row[3], at.strftime("%Y-%m-%d %H:%M:%S"), str(row[5]).lower()]
		print("\t".join("\\N" if value is None else str(value) for value in texts), file=out)
