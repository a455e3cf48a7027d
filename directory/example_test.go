package directory_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
)

func ExampleSync() {
	ctx := context.Background()
	server, err := demo.StartSlapd(ctx, demo.SlapdOptions{Data: strings.NewReader(strings.Join([]string{
		units, person(1, "sato"), person(2, "suzuki"), person(3, "tanaka"),
	}, "\n\n"))})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Stop()

	source, err := directory.Open(directory.Config{
		URLs:         []string{server.URL},
		BindDN:       server.BindDN,
		PasswordFile: server.PasswordFile,
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

	err = server.Modify(`dn: uid=sato,ou=people,dc=kakuu,dc=example
changetype: modify
replace: pwdAccountLockedTime
pwdAccountLockedTime: 000001010000Z

dn: uid=tanaka,ou=people,dc=kakuu,dc=example
changetype: delete
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := directory.Sync(ctx, source, known, directory.Limits{})
	for _, change := range plan.Apply {
		fmt.Println(change.Kind, change.ID, change.Proof)
	}
	fmt.Println(len(plan.Held), "held,", err)

	server.Stop()
	plan, err = directory.Sync(ctx, source, known, directory.Limits{})
	fmt.Println(len(plan.Apply), "applied,", err != nil)

	// Output:
	// restricted entryUUID:00000000-0000-4000-8000-000000000001 entry
	// gone entryUUID:00000000-0000-4000-8000-000000000003 missing
	// 0 held, <nil>
	// 0 applied, true
}
