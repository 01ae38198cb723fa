-- The demo's second source, for MariaDB: what was written about the shop's articles, and a user that reads it.
CREATE DATABASE reviews CHARACTER SET utf8mb4 COMMENT 'What is said of the shop';
USE reviews;

CREATE TABLE author (
	author_id int unsigned AUTO_INCREMENT PRIMARY KEY,
	nickname varchar(40) NOT NULL UNIQUE,
	joined_on date NOT NULL
) COMMENT 'Customers and others';

CREATE TABLE review (
	review_id bigint unsigned AUTO_INCREMENT PRIMARY KEY,
	author_id int unsigned NOT NULL,
	sku varchar(20) NOT NULL COMMENT 'The article, by the shop''s number',
	stars tinyint unsigned NOT NULL CHECK (stars BETWEEN 1 AND 5),
	state enum('new', 'shown', 'hidden') NOT NULL DEFAULT 'new',
	body text,
	written_at datetime NOT NULL,
	KEY of_article (sku, stars),
	FOREIGN KEY (author_id) REFERENCES author (author_id) ON DELETE CASCADE
);

CREATE VIEW rating AS SELECT sku, count(*) AS reviews, avg(stars) AS stars FROM review WHERE state = 'shown' GROUP BY sku;

INSERT INTO author (nickname, joined_on)
	SELECT concat('reader', seq), date_add('2024-01-01', INTERVAL seq DAY) FROM seq_1_to_200;
INSERT INTO review (author_id, sku, stars, state, body, written_at)
	SELECT 1 + seq % 200, concat('SKU-', 1 + (seq * seq + seq) % 499), 1 + seq * seq % 97 % 5, if(seq % 10 = 0, 'hidden', 'shown'),
		concat('Opinion ', seq), date_add('2024-11-01', INTERVAL seq HOUR) FROM seq_1_to_2000;

CREATE USER reviews_reader IDENTIFIED BY 'reviews-password';
GRANT SELECT, SHOW VIEW ON reviews.* TO reviews_reader;
