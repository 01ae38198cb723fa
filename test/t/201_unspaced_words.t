# Questions to rivergen.schema_context in Chinese, Japanese and Korean, where spaces do not divide words, or particles stand behind
# them.
use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use Rivergen;
use Test::More;

my $server = start_server('server');
my $source = start_source('source', 'Tr0ub4dor-and-3');
sql($source, <<'EOS');
CREATE TABLE 客户 (客户编号 int PRIMARY KEY, 姓名 text, 城市 text);
CREATE TABLE 客户订单 (订单号 int PRIMARY KEY, 客户编号 int REFERENCES 客户, 下单日期 date);
CREATE TABLE 商品 (商品号 int PRIMARY KEY, 单价 numeric);
CREATE TABLE t_kc (id int, sl int);
COMMENT ON TABLE t_kc IS '各仓库的库存数量（按商品统计）';
CREATE TABLE 仕入先 (仕入先コード int, 電話番号 text);
CREATE TABLE 社員 (社員番号 int, 部署 text);
CREATE TABLE 거래처 (거래처번호 int, 주소 text);
CREATE TABLE 직원 (직원번호 int, 급여 int);
CREATE TABLE 人 (id int);
EOS
my $id = create_source($server, source_of($source, 'Tr0ub4dor-and-3'));
discover($server, $id);

sub first_table
{
	my ($question) = @_;
	return call($server, "rivergen.schema_context('$question', $id, hints => false, budget => 100, max_tables => 1)")
		->{data}{tables}[0];
}

for my $case (
	[ '每个客户有多少订单？' => '客户订单' ],
	[ '商品的单价' => '商品' ],
	[ '仓库里还有多少库存？' => 't_kc' ],
	[ '仕入先の電話番号を教えてください' => '仕入先' ],
	[ '部署ごとの社員数は？' => '社員' ],
	[ '거래처의 주소를 보여줘' => '거래처' ],
	[ '직원들의 급여' => '직원' ],
	[ '人' => '人' ])
{
	my ($question, $table) = @$case;
	my $first = first_table($question);
	is("$first->{table_name} " . ($first->{score} > 0 ? 'found' : 'not found'), "$table found", $question);
}
like("@{ first_table('库存')->{why} }", qr/库存/, 'and why');
is( sql($server,
		q{SELECT rivergen_catalog.stems(rivergen_catalog.name_words('客户订单 id订单号x、人「ｱｲ」 orders'))}),
	encode_utf8('{客户,户订,订单,id,订单,单号,x,人,ｱｲ,order}'),
	'pairs of characters, beside words');

done_testing;
