CREATE TABLE members (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL, year INT NOT NULL);
CREATE TABLE events (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(120) NOT NULL, day DATE NOT NULL);
CREATE TABLE study_groups (id INT AUTO_INCREMENT PRIMARY KEY, topic VARCHAR(80) NOT NULL, room VARCHAR(20) NOT NULL);
INSERT INTO members (name, year) VALUES ('Ada', 3), ('Grace', 4), ('Edsger', 1);
INSERT INTO events (title, day) VALUES ('Welcome evening', '2027-01-14'), ('Build weekend', '2027-02-20');
INSERT INTO study_groups (topic, room) VALUES ('Networks', 'B12'), ('Compilers', 'A03');
