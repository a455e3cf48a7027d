package directory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

func ExampleSync() {
	ctx := context.Background()
	city := newExampleCity() // a server with sato, suzuki and tanaka, and the canaries
	defer city.Stop()

	source, err := directory.Open(directory.Config{
		URLs:         []string{city.URL},
		BindDN:       city.BindDN,
		PasswordFile: city.PasswordFile,
		Bases:        []string{"ou=people,dc=kakuu,dc=example"},
		Canaries: []directory.Canary{
			{DN: "cn=canary-enabled,ou=services,dc=kakuu,dc=example", State: directory.Enabled},
			{DN: "cn=canary-disabled,ou=services,dc=kakuu,dc=example", State: directory.Disabled},
		},
		Timeouts: directory.Timeouts{Whole: time.Minute},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := source.Probe(ctx); err != nil {
		fmt.Println(err)
		return
	}

	// Bind each person to the one entry with the login, once and for all.
	var known []directory.Known
	for _, login := range []string{"sato", "suzuki", "tanaka"} {
		found, err := source.Find(ctx, "ou=people,dc=kakuu,dc=example", login)
		if err != nil || len(found) != 1 {
			fmt.Println(len(found), err)
			return
		}
		known = append(known, directory.Known{ID: found[0].ID, State: found[0].Status.State, Base: found[0].Base})
	}

	city.Lock("sato")
	city.Delete("tanaka")
	plan, err := directory.Sync(ctx, source, known, directory.Limits{})
	for _, change := range plan.Apply {
		fmt.Println(change.Kind, change.ID, change.Proof)
	}
	fmt.Println(len(plan.Held), "held,", err)

	city.Stop()
	plan, err = directory.Sync(ctx, source, known, directory.Limits{})
	fmt.Println(len(plan.Apply), "applied,", err != nil)

	// Output:
	// restricted entryUUID:00000000-0000-4000-8000-000000000001 entry
	// gone entryUUID:00000000-0000-4000-8000-000000000003 missing
	// 0 held, <nil>
	// 0 applied, true
}
