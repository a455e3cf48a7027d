package meibo_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       meibo.Date
	}{
		{"ISO text is read", "2026-10-15", "2026-10-15"},
		{"slashes are read", "2026/10/15", "2026-10-15"},
		{"slashes without leading zeros are read", "2026/4/1", "2026-04-01"},
		{"an era letter is read", "R8.10.15", "2026-10-15"},
		{"an era name is read", "令和8年10月15日", "2026-10-15"},
		{"the first year has a name of its own", "令和元年5月1日", "2019-05-01"},
		{"the first year can be a number", "令和1年5月1日", "2019-05-01"},
		{"the Western year can be written in Japanese", "2026年10月15日", "2026-10-15"},
		{"the last day of Heisei is in Heisei", "H31.4.30", "2019-04-30"},
		{"a document of Heisei may look ahead beyond its end", "平成40年5月1日", "2028-05-01"},
		{"the first day of Heisei is read", "平成元年1月8日", "1989-01-08"},
		{"a leap day is read", "2028-02-29", "2028-02-29"},
		{"the day before Heisei is not in Heisei", "平成元年1月7日", ""},
		{"the day before Reiwa is not in Reiwa", "R1.4.30", ""},
		{"the year before an era is not in it", "R0.5.1", ""},
		{"a leap day of a common year does not exist", "2026-02-29", ""},
		{"a 31 September does not exist", "2026-09-31", ""},
		{"a month 13 does not exist", "2026-13-01", ""},
		{"a day 0 does not exist", "2026-10-00", ""},
		{"two digits are no year", "26-10-15", ""},
		{"five digits are no year", "20260-10-15", ""},
		{"an era that is not known is refused", "S50.4.1", ""},
		{"a year before the ledger's time is refused", "1970-12-31", ""},
		{"a sign is no digit", "2026-+1-15", ""},
		{"full-width digits are refused", "令和８年10月15日", ""},
		{"blanks around a day are refused", " 2026-10-15", ""},
		{"a day without a month is refused", "2026-10", ""},
		{"a day with a time is refused", "2026-10-15T00:00:00", ""},
		{"marks of two forms are refused", "2026-10/15", ""},
		{"the marks of year, month and day in another order are refused", "2026月10年15日", ""},
		{"a half-written Japanese day is refused", "令和8年10月15", ""},
		{"nothing is no day", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := meibo.ParseDate(c.text)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
			if err != nil && !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("got %v, want %v", err, meibo.ErrInvalid)
			}
		})
	}
}

func TestADayIsADayInJapan(t *testing.T) {
	for _, c := range []struct {
		name       string
		day        meibo.Date
		start, end meibo.Instant
	}{
		{"a day begins at midnight in Japan and ends with the next", "2026-10-15", at("2026-10-14T15:00:00Z"), at("2026-10-15T15:00:00Z")},
		{"the last day of the year ends in the next", "2026-12-31", at("2026-12-30T15:00:00Z"), at("2026-12-31T15:00:00Z")},
		{"a leap day is a day", "2028-02-29", at("2028-02-28T15:00:00Z"), at("2028-02-29T15:00:00Z")},
		{"without a last day there is no end", "", 0, meibo.Forever},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.day.Start() != c.start || c.day.End() != c.end {
				t.Errorf("from %v to %v, want from %v to %v", c.day.Start(), c.day.End(), c.start, c.end)
			}
		})
	}
}

func TestMidnightInJapanChangesTheDay(t *testing.T) {
	for _, c := range []struct {
		name, instant string
		want          meibo.Date
	}{
		{"the last microsecond still belongs to the day", "2026-10-15T14:59:59.999999Z", "2026-10-15"},
		{"midnight in Japan is the next day", "2026-10-15T15:00:00Z", "2026-10-16"},
		{"midnight in London is morning in Japan", "2026-10-15T00:00:00Z", "2026-10-15"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := at(c.instant).Day(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestEveryInstantLiesInItsDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := meibo.Instant(rapid.Int64Range(int64(at("1971-01-01T00:00:00Z")), int64(at("9990-01-01T00:00:00Z"))).Draw(t, "instant"))
		if d := i.Day(); i < d.Start() || i >= d.End() {
			t.Fatalf("%v is not in %s", i, d)
		}
	})
}

func TestJapaneseDates(t *testing.T) {
	for _, c := range []struct {
		name string
		day  meibo.Date
		want string
	}{
		{"a day is written both ways", "2026-10-15", "令和8年10月15日(2026-10-15)"},
		{"the first year is gannen", "2019-05-01", "令和元年5月1日(2019-05-01)"},
		{"the last day of Heisei is in Heisei", "2019-04-30", "平成31年4月30日(2019-04-30)"},
		{"a day before the known eras stays as it is", "1985-04-01", "1985-04-01"},
		{"no day is no text", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.day.Japanese(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestDaysCountAcrossMonthsAndYears(t *testing.T) {
	for _, c := range []struct {
		day  meibo.Date
		n    int
		want meibo.Date
	}{
		{"2026-12-31", 1, "2027-01-01"}, {"2028-02-28", 1, "2028-02-29"}, {"2026-03-01", -1, "2026-02-28"}, {"", 1, ""},
	} {
		if got := c.day.AddDays(c.n); got != c.want {
			t.Errorf("%s and %d days is %s, want %s", c.day, c.n, got, c.want)
		}
	}
}

func TestOnlyTheISOTextOfADayIsValid(t *testing.T) {
	for day, want := range map[meibo.Date]bool{
		"2026-10-15": true, "2028-02-29": true, "2026-02-29": false, "R8.10.15": false, "2026/10/15": false, "2026-4-1": false, "": false,
	} {
		if day.Valid() != want {
			t.Errorf("%q is valid: %t", day, !want)
		}
	}
}

func TestADateKeepsItsTextForms(t *testing.T) {
	var d meibo.Date
	if err := d.UnmarshalText([]byte("R8.10.15")); err != nil || d != "2026-10-15" {
		t.Errorf("got %q, %v", d, err)
	}
	if err := d.UnmarshalText(nil); err != nil || d != "" {
		t.Errorf("no text is %q, %v, want no day", d, err)
	}
	if err := d.UnmarshalText([]byte("yesterday")); !errors.Is(err, meibo.ErrInvalid) {
		t.Errorf("got %v, want %v", err, meibo.ErrInvalid)
	}
	for _, v := range []any{"2026-10-15", []byte("2026-10-15"), nil} {
		if err := d.Scan(v); err != nil {
			t.Errorf("scan %v: %v", v, err)
		}
	}
	if err := d.Scan(20261015); err == nil {
		t.Error("a number was read as a day")
	}
	if v, err := meibo.Date("").Value(); v != nil || err != nil {
		t.Errorf("no day is stored as %v, %v", v, err)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-10-15", "2026/4/1", "R8.10.15", "令和8年10月15日", "令和元年5月1日", "平成31年4月30日", "2026月10年15日", "R", "H--", "年月日"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := meibo.ParseDate(s)
		if err != nil {
			if d != "" || !errors.Is(err, meibo.ErrInvalid) {
				t.Fatalf("%q is %q with %v", s, d, err)
			}
			return
		}
		if parsed, err := time.Parse(time.DateOnly, string(d)); err != nil || parsed.Format(time.DateOnly) != string(d) {
			t.Fatalf("%q was read as %q, which is no day", s, d)
		}
		if again, err := meibo.ParseDate(string(d)); again != d || err != nil {
			t.Fatalf("%q was read as %q, and that as %q, %v", s, d, again, err)
		}
	})
}
