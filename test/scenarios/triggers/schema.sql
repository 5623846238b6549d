CREATE DATABASE shop;
USE shop;
CREATE TABLE orders (id INT PRIMARY KEY, customer INT NOT NULL, total DECIMAL(8,2) NOT NULL);
CREATE TABLE order_history (id INT PRIMARY KEY AUTO_INCREMENT, order_id INT NOT NULL, what VARCHAR(30) NOT NULL, by_user VARCHAR(60) NOT NULL);
CREATE TABLE turnover (customer INT PRIMARY KEY, orders INT NOT NULL, total DECIMAL(10,2) NOT NULL);
CREATE TRIGGER order_comes AFTER INSERT ON orders FOR EACH ROW
BEGIN
  INSERT INTO order_history (order_id, what, by_user) VALUES (NEW.id, 'comes', CURRENT_USER());
  INSERT INTO turnover VALUES (NEW.customer, 1, NEW.total)
    ON DUPLICATE KEY UPDATE orders = orders + 1, total = total + NEW.total;
END;
CREATE TRIGGER order_changes BEFORE UPDATE ON orders FOR EACH ROW
  SET NEW.total = ROUND(NEW.total + 0.50, 2);
CREATE TRIGGER order_goes AFTER DELETE ON orders FOR EACH ROW
  INSERT INTO order_history (order_id, what, by_user) VALUES (OLD.id, 'goes', CURRENT_USER());
