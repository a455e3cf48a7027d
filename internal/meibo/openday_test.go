package meibo_test

import (
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// TestHolidays has the days that the Cabinet Office published, but for those on
// weekends.
func TestHolidays(t *testing.T) {
	published := strings.Fields(`2025-01-01 2025-01-13 2025-02-11 2025-02-24 2025-03-20 2025-04-29 2025-05-05 2025-05-06 2025-07-21 2025-08-11
		2025-09-15 2025-09-23 2025-10-13 2025-11-03 2025-11-24
		2026-01-01 2026-01-12 2026-02-11 2026-02-23 2026-03-20 2026-04-29 2026-05-04 2026-05-05 2026-05-06 2026-07-20 2026-08-11
		2026-09-21 2026-09-22 2026-09-23 2026-10-12 2026-11-03 2026-11-23
		2027-01-01 2027-01-11 2027-02-11 2027-02-23 2027-03-22 2027-04-29 2027-05-03 2027-05-04 2027-05-05 2027-07-19 2027-08-11
		2027-09-20 2027-09-23 2027-10-11 2027-11-03 2027-11-23`)
	var c meibo.Calendar
	closed := map[meibo.Date]bool{}
	for _, d := range append(published, "2025-12-29", "2025-12-30", "2025-12-31", "2026-12-29", "2026-12-30", "2026-12-31", "2027-12-29", "2027-12-30", "2027-12-31",
		"2025-01-02", "2025-01-03", "2026-01-02") {
		closed[meibo.Date(d)] = true
	}
	for d := meibo.Date("2025-01-01"); d < "2028-01-01"; d = d.AddDays(1) {
		weekday := meibo.Weekdays[d.Start().Time().In(meibo.JST).Weekday()]
		if want := !closed[d] && weekday != "sat" && weekday != "sun"; c.Open(d) != want {
			t.Errorf("%s (%s): open %v, want %v", d, weekday, c.Open(d), want)
		}
	}
}

func TestOpenDaysAreCounted(t *testing.T) {
	var plain meibo.Calendar
	city := meibo.CityParameters{AnswerDays: 2, ClosedDays: []meibo.Date{"2026-10-19"}, OpenDays: []meibo.Date{"2026-10-18"}}.Calendar()
	for _, c := range []struct {
		name      string
		got, want meibo.Date
	}{
		{"five open days after a Thursday", plain.AnswerBy("2026-10-15"), "2026-10-22"},
		{"over golden week", plain.AnswerBy("2026-04-28"), "2026-05-11"},
		{"over new year", plain.AnswerBy("2026-12-25"), "2027-01-07"},
		{"over silver week", plain.After("2026-09-18", 1), "2026-09-24"},
		{"as the city has settled", city.AnswerBy("2026-10-15"), "2026-10-18"},
		{"the city's own holiday", city.After("2026-10-18", 1), "2026-10-20"},
		{"removals on the same open day", plain.TellBy("2026-10-15", true), "2026-10-15"},
		{"removals on a Saturday", plain.TellBy("2026-10-17", true), "2026-10-19"},
		{"the rest on the next", plain.TellBy("2026-10-16", false), "2026-10-19"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, c.want)
		}
	}
}
