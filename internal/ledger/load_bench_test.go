package ledger_test

import (
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// BenchmarkOpen opens ledgers of so many people with ten rights each, and says what
// stays in memory. The people are copies of one, made by SQL: what is measured is
// reading, not how they came there.
func BenchmarkOpen(b *testing.B) {
	for _, people := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprintf("rights=%d", 10*people), func(b *testing.B) {
			url := meibotest.SQLite(b)
			c := meibotest.NewCity(b, url, nil)
			c.Employed("e001")
			c.Ledger.Close()
			multiply(b, url, people)
			promise(b, c.Options, people)
			for b.Loop() {
				var after runtime.MemStats
				told := 0
				options := c.Options
				options.Progress = func(done, _ int) { told = done }
				l, err := ledger.Open(b.Context(), options)
				if err != nil {
					b.Fatal(err)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc)/(1<<20), "MiB")
				l.Close()
				if told < people {
					b.Fatalf("told of %d people, of %d", told, people)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(10*people), "ns/right")
		})
	}
}

// promise gives each of them the one pledge there is: what is sealed cannot be copied.
func promise(b *testing.B, o ledger.Options, people int) {
	signer, err := seal.NewSigner(o.Secrets.Log)
	if err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(b.Context(), store.Options{URL: o.URL, Now: o.Now, Sign: signer.Sign, DataKey: o.Secrets.Data})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for from := 1; from <= people; from += 1000 {
		err := db.Update(b.Context(), func(tx *store.Tx) error {
			one, err := tx.Pledges("C01")
			if err != nil {
				return err
			}
			var rows []any
			person := one[0].PersonID[:36]
			for i := from; i < min(from+1000, people+1); i++ {
				p := one[0]
				p.ID, p.PersonID = meibo.PledgeID(fmt.Sprintf("%s-%d", p.ID[:36], i)), meibo.PersonID(fmt.Sprintf("%s-%d", person, i))
				rows = append(rows, p)
			}
			_, err = tx.Record(meibo.Entry{Act: meibo.ActSignPledge}, rows)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// multiply makes many of the one person there is, with the assignment, and ten of the
// right. Their names do not open, but nobody asks for them.
func multiply(b *testing.B, url string, people int) {
	db, err := sql.Open("sqlite", url)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for table, times := range map[string]int{"people": 1, "assignments": 1, "rights": 10} {
		rows, err := db.Query("SELECT name FROM pragma_table_info(?)", table)
		if err != nil {
			b.Fatal(err)
		}
		var columns, values []string
		for rows.Next() {
			var column string
			if err := rows.Scan(&column); err != nil {
				b.Fatal(err)
			}
			value := column
			switch {
			case column == "id" && times > 1:
				value = "id || '-' || i || '-' || j"
			case column == "id", column == "person_id", column == "assignment_id", column == "login", column == "login_key":
				value = column + " || '-' || i"
			}
			columns, values = append(columns, column), append(values, value)
		}
		rows.Close()
		copies := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d),
			k(j) AS (SELECT 1 UNION ALL SELECT j + 1 FROM k WHERE j < %d)
			INSERT INTO %s (%s) SELECT %s FROM (SELECT * FROM %[3]s LIMIT 1), n, k`, people, times, table, strings.Join(columns, ", "), strings.Join(values, ", "))
		if _, err := db.Exec(copies); err != nil {
			b.Fatalf("multiply %s: %v", table, err)
		}
	}
}
