package meibo_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestParseInstant(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"the text form is read", "2026-10-15T01:00:00.000000Z", "2026-10-15T01:00:00.000000Z"},
		{"another zone is another way to say it", "2026-10-15T10:00:00+09:00", "2026-10-15T01:00:00.000000Z"},
		{"what is finer than a microsecond is cut off", "2026-10-15T01:00:00.123456789Z", "2026-10-15T01:00:00.123456Z"},
		{"a moment without a zone is none", "2026-10-15T10:00:00", ""},
		{"a day is no moment", "2026-10-15", ""},
		{"an hour 24 does not exist", "2026-10-15T24:00:00Z", ""},
		{"a year before the ledger's time is refused", "1970-12-31T23:59:59Z", ""},
		{"a moment that falls into such a year in UTC is refused", "1971-01-01T00:00:00+09:00", ""},
		{"nothing is no moment", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := meibo.ParseInstant(c.text)
			if got.String() != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %v, %v, want %q", got, err, c.want)
			}
			if err != nil && !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("got %v, want %v", err, meibo.ErrInvalid)
			}
		})
	}
}

func TestInstantsSortAsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Int64Range(int64(at("1971-01-01T00:00:00Z")), int64(meibo.Forever))
		a, b := meibo.Instant(draw.Draw(t, "a")), meibo.Instant(draw.Draw(t, "b"))
		if (a < b) != (a.String() < b.String()) || len(a.String()) != len(meibo.InstantLayout) {
			t.Fatalf("%d is %s, %d is %s", a, a, b, b)
		}
		if back, err := meibo.ParseInstant(a.String()); back != a || err != nil {
			t.Fatalf("%d came back as %d, %v", a, back, err)
		}
	})
}

func TestNoInstantIsNoText(t *testing.T) {
	var none meibo.Instant
	if v, err := none.Value(); v != nil || err != nil || none.String() != "" || !none.Time().IsZero() {
		t.Errorf("none is stored as %v, %v, written %q, and is %v", v, err, none, none.Time())
	}
	i := asOf
	if err := i.Scan(nil); err != nil || !i.IsZero() {
		t.Errorf("no value is %v, %v", i, err)
	}
	if err := i.UnmarshalText([]byte("soon")); !errors.Is(err, meibo.ErrInvalid) {
		t.Errorf("got %v, want %v", err, meibo.ErrInvalid)
	}
	if err := i.Scan(int64(5)); err == nil {
		t.Error("a number was read as a moment")
	}
}

func TestInstantsReckonInMicroseconds(t *testing.T) {
	later := asOf.Add(1500 * time.Nanosecond)
	if later.Sub(asOf) != time.Microsecond || !later.Time().Equal(asOf.Time().Add(time.Microsecond)) {
		t.Errorf("got %v after %v", later, asOf)
	}
	if v, _ := asOf.Value(); v != "2026-10-15T01:00:00.000000Z" {
		t.Errorf("stored as %v", v)
	}
}

func FuzzParseInstant(f *testing.F) {
	for _, s := range []string{"2026-10-15T10:00:00+09:00", "2026-10-15T01:00:00.123456789Z", "9999-12-31T23:59:59.999999Z", "0000-01-01T00:00:00Z", "2026-10-15T10:00:00,5Z", "T"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := meibo.ParseInstant(s)
		if err != nil {
			if i != 0 || !errors.Is(err, meibo.ErrInvalid) {
				t.Fatalf("%q is %v with %v", s, i, err)
			}
			return
		}
		if again, err := meibo.ParseInstant(i.String()); again != i || err != nil || i.IsZero() || i > meibo.Forever {
			t.Fatalf("%q was read as %v, and that as %v, %v", s, i, again, err)
		}
	})
}
