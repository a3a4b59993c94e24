create table each_type (
  id int not null primary key, small tinyint(1), big bigint unsigned, padded decimal(8,2) zerofill, exact decimal(65,30),
  single float, wide double, day date, moment datetime(6), instant timestamp(6) null default null, clock time(6), made year,
  one bit(1), many bit(8), fixed char(5), latin varchar(20) character set latin1, japanese varchar(20) character set sjis,
  word varchar(50), lined text, large longtext, raw varbinary(20), blob_ longblob, choice enum('b', 'a', ''),
  several set('x', 'y', 'z'), place geometry, own uuid, address inet6
) character set utf8mb4 collate utf8mb4_bin;
set sql_mode = '';
insert into each_type values
  (1, 2, 18446744073709551615, 5.5, 0.000000000000000000000000000001, 16777216, 5e-324, '0000-00-00', '2024-00-15 12:00:00.5',
   '2024-11-03 05:30:00.100000', '-838:59:59.999999', 0, b'1', b'00000101', 'ab  ', _latin1 0x80, _sjis 0x8140,
   '\\N', 'tab\tline\nreturn\rback\\slash', repeat('é', 70000), 0x00FF, 0x00, 'a', 'z,x', ST_GeomFromText('POINT(0.1 -2)', 4326),
   '123e4567-e89b-12d3-a456-426655440000', '::ffff:1.2.3.4'),
  (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null, null, null),
  (3, -1, 0, 0, 0, 0.1, 0.1, '9999-12-31', '1000-01-01', '1970-01-01 00:00:01', '25:30:00', 2155, b'0', b'0', '', '', '', '', '',
   '', '', '', '', '', ST_GeomFromText('POLYGON((0 0,4 0,4 4,0 0))'), '00000000-0000-0000-0000-000000000000', '::1');
