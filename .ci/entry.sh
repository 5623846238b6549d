#!/bin/sh
# The entrypoint of the images that .ci/engine makes. Behaves as those of the public mysql and mariadb images in
# what test/sandbox relies on: MYSQL_ROOT_PASSWORD or MARIADB_ROOT_PASSWORD, /etc/mysql/conf.d, server options as
# arguments. Needs nothing but dash and coreutils.
set -eu

data=/var/lib/mysql
server=/usr/sbin/mysqld
[ -x /usr/sbin/mariadbd ] && server=/usr/sbin/mariadbd
case "${1:-}" in mysqld | mariadbd) shift ;; esac

if [ ! -d "$data/mysql" ]; then
  password=${MYSQL_ROOT_PASSWORD:-${MARIADB_ROOT_PASSWORD:-}}
  [ -n "$password" ] || { echo 'Give MYSQL_ROOT_PASSWORD or MARIADB_ROOT_PASSWORD.' >&2; exit 1; }
  root="CREATE USER 'root'@'%' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;
ALTER USER 'root'@'localhost' IDENTIFIED BY '$password';"
  if [ "$server" = /usr/sbin/mysqld ]; then
    echo "$root" >/tmp/root.sql
    chmod 644 /tmp/root.sql
    "$server" --initialize-insecure --init-file=/tmp/root.sql
    rm /tmp/root.sql
  else
    share=/usr/share/mariadb
    [ -d "$share" ] || share=/usr/share/mysql
    {
      # Bootstrapping takes one statement a line.
      echo 'CREATE DATABASE IF NOT EXISTS mysql;'
      echo 'USE mysql;'
      echo 'SET @auth_root_socket=NULL, @skip_auth_anonymous=1;'
      cat "$share"/m*_system_tables.sql "$share"/m*_performance_tables.sql "$share"/m*_system_tables_data.sql \
        "$share"/maria_add_gis_sp_bootstrap.sql "$share"/m*_sys_schema.sql
      echo 'FLUSH PRIVILEGES;'
      echo "$root"
    } | "$server" --bootstrap --log-warnings=0 --max-allowed-packet=8M
  fi
fi
exec "$server" "$@"
