package meibo

import (
	"cmp"
	"slices"
	"time"
)

// A Calendar tells on which days the city's offices are open (開庁日). It follows the
// law on national holidays (国民の祝日に関する法律) as it has been since 2020, and
// closes from 29 December to 3 January. What a city does otherwise, or a new law, is
// data: closed_days and open_days of its parameters.
type Calendar struct {
	closed, open []Date
	answerDays   int
}

// answerDays is how many open days the city has to answer, where it has not settled
// that.
const answerDays = 5

// Calendar is the city's.
func (p CityParameters) Calendar() Calendar {
	return Calendar{p.ClosedDays, p.OpenDays, p.AnswerDays}
}

// Open reports whether the offices are open on a day.
func (c Calendar) Open(d Date) bool {
	switch {
	case slices.Contains(c.open, d):
		return true
	case slices.Contains(c.closed, d):
		return false
	}
	t := d.time()
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	turn := t.Month() == time.December && t.Day() >= 29 || t.Month() == time.January && t.Day() <= 3
	return !weekend && !turn && !holiday(t)
}

// From is the first open day that is not before d.
func (c Calendar) From(d Date) Date {
	for range 400 { // a city that never opens again
		if c.Open(d) {
			return d
		}
		d = d.AddDays(1)
	}
	return d
}

// After is the n-th open day after d, which does not count (民法140条).
func (c Calendar) After(d Date, n int) Date {
	for range n {
		d = c.From(d.AddDays(1))
	}
	return d
}

// TellBy is the last day on which the city should be told of a version that was cut:
// of removals on the same open day, of the rest, which is closed until then, on the
// next.
func (c Calendar) TellBy(cut Date, removes bool) Date {
	if removes {
		return c.From(cut)
	}
	return c.After(cut, 1)
}

// AnswerBy is the last day on which the city should answer what it was told.
func (c Calendar) AnswerBy(told Date) Date {
	return c.After(told, cmp.Or(c.answerDays, answerDays))
}

func (d Date) time() time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, string(d), JST)
	return t
}

// holiday reports whether a day is a national holiday (国民の祝日), the first day that
// is none after one on a Sunday (振替休日), or lies between two (国民の休日).
func holiday(t time.Time) bool {
	if named(t) {
		return true
	}
	for before := t.AddDate(0, 0, -1); named(before); before = before.AddDate(0, 0, -1) {
		if before.Weekday() == time.Sunday {
			return true
		}
	}
	return named(t.AddDate(0, 0, -1)) && named(t.AddDate(0, 0, 1))
}

// named reports whether the law names a day.
func named(t time.Time) bool {
	y, m, d := t.Date()
	monday := func(n int) bool { return t.Weekday() == time.Monday && (d-1)/7 == n-1 }
	switch m {
	case time.January:
		return d == 1 || monday(2) // 元日, 成人の日
	case time.February:
		return d == 11 || d == 23 // 建国記念の日, 天皇誕生日
	case time.March:
		return d == equinox(y, 20.8431) // 春分の日
	case time.April:
		return d == 29 // 昭和の日
	case time.May:
		return d == 3 || d == 4 || d == 5 // 憲法記念日, みどりの日, こどもの日
	case time.July:
		return monday(3) // 海の日
	case time.August:
		return d == 11 // 山の日
	case time.September:
		return monday(3) || d == equinox(y, 23.2488) // 敬老の日, 秋分の日
	case time.October:
		return monday(2) // スポーツの日
	case time.November:
		return d == 3 || d == 23 // 文化の日, 勤労感謝の日
	}
	return false
}

// equinox is the day of an equinox in Japan from 1980 to 2099, by the usual
// approximation. The law leaves it to the almanac, which is published in February of
// the year before; where that differs, it is written into the parameters.
func equinox(year int, base float64) int {
	return int(base+0.242194*float64(year-1980)) - (year-1980)/4
}
