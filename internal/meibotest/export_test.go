package meibotest

// PostgresPrograms is where the server would be found.
var PostgresPrograms = postgresPrograms
