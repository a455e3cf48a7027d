package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// Images are forgotten in few statements, since nobody else writes meanwhile, none of
// which lists more than a database takes.
func TestManyImagesAreForgottenInBoundedParts(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		raw, _ := store.Raw(db)
		const many = 40_001
		rows := []any{meibo.Grant{ClientID: "cl1", Role: meibo.RoleAuditor, ContractID: "C01"}}
		for i := range many {
			rows = append(rows, meibo.Change{ID: meibo.ChangeID(fmt.Sprint(i + 1))})
		}
		grant := "cl1/auditor//C01"
		raw.MustExec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 40001)
			INSERT INTO images SELECT 'changes', CAST(i AS TEXT), 0, '', '' FROM n`)
		raw.MustExec("INSERT INTO images VALUES ('grants', '" + grant + "', 0, '', ''), ('rights', '7', 0, '', '')")
		counts := strings.HasPrefix(url, "postgres") // only there are statements seen
		if counts {
			raw.MustExec(`CREATE TABLE statements (n BIGINT); CREATE FUNCTION seen() RETURNS TRIGGER LANGUAGE plpgsql AS
				'BEGIN INSERT INTO statements VALUES (1); RETURN NULL; END';
				CREATE TRIGGER seen AFTER DELETE ON images FOR EACH STATEMENT EXECUTE FUNCTION seen()`)
		}
		must(t, db.Update(context.Background(), func(tx *store.Tx) error {
			if err := tx.Forget(rows); err != nil {
				return err
			}
			_, err := tx.Record(meibo.Entry{Act: meibo.ActDispose}, nil)
			return err
		}))
		var left []string
		must(t, raw.Select(&left, "SELECT of_table || ' ' || of_key FROM images ORDER BY 1"))
		if want := []string{"changes 40002", "rights 7"}; !slices.Equal(left, want) {
			t.Errorf("%d left, first %v, want %v", len(left), left[:min(3, len(left))], want)
		}
		var statements int
		if counts {
			must(t, raw.Get(&statements, "SELECT COUNT(*) FROM statements"))
			if statements != 6 { // five parts, and the grant
				t.Errorf("in %d statements", statements)
			}
		}
	})
}
