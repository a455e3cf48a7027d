package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// table prints rows under headings, in columns that stand straight on a terminal
// also where a cell is Japanese. An empty cell shows as a dash.
func (a *app) table(headings string, rows [][]string) {
	all := append([][]string{strings.Fields(headings)}, rows...)
	widths := make([]int, len(all[0]))
	for _, r := range all {
		for i, cell := range r {
			r[i] = orDash(cell)
			widths[i] = max(widths[i], cells(r[i]))
		}
	}
	for _, r := range all {
		var line strings.Builder
		for i, cell := range r {
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-cells(cell)+2))
		}
		a.printf("%s\n", strings.TrimRight(line.String(), " "))
	}
}

// cells is how many columns of a terminal a text takes.
func cells(text string) int {
	n := 0
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Variation_Selector, r):
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
