package meibo

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Date is a civil day in Japan, as ISO text (2026-10-15). The empty Date
// means "none". Dates compare as text.
type Date string

// Valid reports whether d is the ISO text of a day that exists.
func (d Date) Valid() bool {
	parsed, err := ParseDate(string(d))
	return err == nil && parsed == d
}

// Start is 00:00:00 JST of the day: a period that starts on it begins here.
func (d Date) Start() Instant {
	t, err := time.ParseInLocation(time.DateOnly, string(d), JST)
	if err != nil {
		return 0
	}
	return InstantOf(t)
}

// End is 00:00:00 JST of the day after: the end date of a period is inclusive
// (民法 141条), so the period is over from this instant on. Without a date there is
// no end.
func (d Date) End() Instant {
	if d == "" {
		return Forever
	}
	return d.AddDays(1).Start()
}

// AddDays is the day n days later.
func (d Date) AddDays(n int) Date {
	t, err := time.ParseInLocation(time.DateOnly, string(d), JST)
	if err != nil {
		return ""
	}
	return Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// An era of the Japanese calendar, with its first day.
type era struct {
	letter, name string
	first        Date
}

var eras = []era{
	{"R", "令和", "2019-05-01"},
	{"H", "平成", "1989-01-08"},
}

// marks are the ways of setting year, month and day apart.
var marks = [][3]string{{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}}

// ParseDate reads 2026-10-15, 2026/10/15, R8.10.15 and 令和8年10月15日 (元年 is
// the first year). A day that does not exist, or that lies before its era, is
// ErrInvalid.
func ParseDate(s string) (Date, error) {
	text, base := s, 0
	var from Date
	for _, e := range eras {
		for _, prefix := range []string{e.letter, e.name} {
			if cut, ok := strings.CutPrefix(s, prefix); ok {
				text, base, from = cut, e.first.year()-1, e.first
			}
		}
	}
	year, month, day := parts(text)
	if base > 0 && year == "元" {
		year = "1"
	}
	y, errY := number(year, 4)
	m, errM := number(month, 2)
	n, errD := number(day, 2)
	if errY != nil || errM != nil || errD != nil || (base == 0 && len(year) != 4) {
		return "", invalidDate(s)
	}
	t := time.Date(base+y, time.Month(m), n, 0, 0, 0, 0, JST)
	if t.Year() != base+y || int(t.Month()) != m || t.Day() != n || t.Year() < 1971 || t.Year() > 9990 {
		return "", invalidDate(s)
	}
	d := Date(t.Format(time.DateOnly))
	if d < from {
		return "", invalidDate(s)
	}
	return d, nil
}

// parts cuts a day's text at its marks; text with other marks has none.
func parts(s string) (year, month, day string) {
	for _, m := range marks {
		y, rest, ok1 := strings.Cut(s, m[0])
		n, rest, ok2 := strings.Cut(rest, m[1])
		d, ok3 := strings.CutSuffix(rest, m[2])
		if ok1 && ok2 && ok3 {
			return y, n, d
		}
	}
	return "", "", ""
}

func invalidDate(s string) error {
	return fmt.Errorf("%w: %q is not a date", ErrInvalid, s)
}

func number(s string, digits int) (int, error) {
	if s == "" || len(s) > digits || strings.Trim(s, "0123456789") != "" {
		return 0, ErrInvalid
	}
	return strconv.Atoi(s)
}

func (d Date) year() int {
	y, _ := strconv.Atoi(string(d[:4]))
	return y
}

// Japanese writes the day both ways: 令和8年10月15日(2026-10-15). Days before the
// first known era stay ISO.
func (d Date) Japanese() string {
	for _, e := range eras {
		if d < e.first {
			continue
		}
		t, _ := time.Parse(time.DateOnly, string(d))
		year := strconv.Itoa(t.Year() - e.first.year() + 1)
		if year == "1" {
			year = "元"
		}
		return fmt.Sprintf("%s%s年%d月%d日(%s)", e.name, year, int(t.Month()), t.Day(), d)
	}
	return string(d)
}

// MarshalText writes ISO text.
func (d Date) MarshalText() ([]byte, error) { return []byte(d), nil }

// UnmarshalText reads any form that ParseDate reads; empty text is no date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = ""
		return nil
	}
	parsed, err := ParseDate(string(text))
	*d = parsed
	return err
}

// Value stores ISO text, and no value for "none".
func (d Date) Value() (driver.Value, error) {
	if d == "" {
		return nil, nil
	}
	return string(d), nil
}

// Scan reads what Value stored.
func (d *Date) Scan(v any) error {
	text, err := scanText(v)
	if err != nil {
		return fmt.Errorf("scan date: %w", err)
	}
	*d = Date(text)
	return nil
}
