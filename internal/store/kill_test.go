package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// writeForEver records changes and decisions and says each that was
// acknowledged.
func writeForEver(db *store.DB) {
	for worker := range 4 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("D-%d-%d", worker, i)
				if _, _, err := db.RecordDecision(context.Background(), decision(id)); err != nil {
					panic(err)
				}
				fmt.Fprintln(os.Stdout, id)
			}
		}()
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("A-%d", i)
		if err := record(db, meibo.Asset{ID: meibo.AssetID(id), State: meibo.AssetActive}); err != nil {
			panic(err)
		}
		fmt.Fprintln(os.Stdout, id)
	}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		must(t, begun(t, url).Close())
		acknowledged := map[string]bool{}
		for round := range 3 {
			c := child(t, "write", url)
			c.line() // opened
			var said strings.Builder
			for range 40 + 37*round { // it dies in the middle of something else each time
				said.WriteString(c.line())
			}
			said.WriteString(c.kill())
			for line := range strings.Lines(said.String()) {
				if id, whole := strings.CutSuffix(line, "\n"); whole && (strings.HasPrefix(id, "A-") || strings.HasPrefix(id, "D-")) {
					acknowledged[id] = true
				}
			}
			db := open(t, url)
			verifyAll(t, db, acknowledged)
			must(t, forget(db))
			must(t, db.Close())
			acknowledged = map[string]bool{}
		}
	})
}

// verifyAll finds every acknowledged write, and nothing half written.
func verifyAll(t *testing.T, db *store.DB, acknowledged map[string]bool) {
	t.Helper()
	if len(acknowledged) < 40 {
		t.Errorf("only %d writes were acknowledged", len(acknowledged))
	}
	found := map[string]bool{}
	view(t, db, func(r *store.Reader) error {
		assets, err := r.Assets()
		for _, a := range assets {
			found[string(a.ID)] = true
		}
		return err
	})
	_, decisions := store.Raw(db)
	var ids []string
	must(t, decisions.Select(&ids, "SELECT id FROM decisions"))
	for _, id := range ids {
		found[id] = true
	}
	for id := range acknowledged {
		if !found[id] {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	if _, err := db.Verify(context.Background(), auditor(t, nil)); err != nil {
		t.Errorf("after the kill: %v", err)
	}
}

// forget makes room for the same decisions again.
func forget(db *store.DB) error {
	_, decisions := store.Raw(db)
	if _, err := decisions.Exec("DELETE FROM decisions"); err != nil {
		return err
	}
	_, err := decisions.Exec("DELETE FROM batches")
	return err
}
