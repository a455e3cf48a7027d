package ledger_test

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// What was put in force lately is counted where it is kept: a day with very many
// readings makes the next one no slower.
func TestManyReadingsMakeNoReadingSlower(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		lately := func() ledger.Recent {
			t.Helper()
			p, err := c.Ledger.DirectoryPicture(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return p.Recent
		}
		if got := lately(); got != (ledger.Recent{}) {
			t.Errorf("before any: %+v", got)
		}
		costs := func() float64 { return testing.AllocsPerRun(3, func() { lately() }) }
		before := costs()
		reading := func(ago time.Duration, restricted string) {
			behind(t, url, `INSERT INTO readings (id, at, cause, outcome, code, seen, disabled, gone, held, absent, restricted, lifted)
				WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 500)
				SELECT '`+restricted+`-' || n, '`+c.Clock.Now().Add(-ago).String()+`', 'stream', 'applied', '', 0, 1, 0, 0, 1, `+restricted+`, 2 FROM many`)
		}
		reading(time.Hour, "3")
		reading(time.Hour+time.Microsecond, "5")
		reading(24*time.Hour+time.Microsecond, "7")
		if got, want := lately(), (ledger.Recent{Absent: 1000, Restricted: 1500, Lifted: 1000}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if after := costs(); after > before+100 {
			t.Errorf("%v allocations, %v before", after, before)
		}
	})
}
