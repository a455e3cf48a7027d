package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// fill FILE ROW… writes an index of papers that are to be imported.
func cmdFill(ts *testscript.TestScript, neg bool, args []string) {
	rows := append([]string{strings.Join(importColumns, ",")}, args[1:]...)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("\xEF\xBB\xBF"+strings.Join(rows, "\r\n")+"\r\n"), 0o600))
}

// decide FILE WORD… fills the last column of an index of papers in, row by row.
func cmdDecide(ts *testscript.TestScript, neg bool, args []string) {
	rows := strings.Split(ts.ReadFile(args[0]), "\n")
	for i, word := range args[1:] {
		rows[i+1] += word
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(rows, "\n")), 0o600))
}
