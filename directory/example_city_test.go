package directory_test

import (
	"context"
	"strings"

	"github.com/meibo-dev/meibo/internal/demo"
)

// exampleCity is the server of the examples, which themselves need nothing but the package.
type exampleCity struct{ *demo.Slapd }

// newExampleCity starts a server with sato, suzuki and tanaka.
func newExampleCity() exampleCity {
	server, err := demo.StartSlapd(context.Background(), demo.SlapdOptions{Data: strings.NewReader(strings.Join([]string{
		units, person(1, "sato"), person(2, "suzuki"), person(3, "tanaka"),
	}, "\n\n"))})
	if err != nil {
		panic(err)
	}
	return exampleCity{server}
}

// Lock disables an account.
func (c exampleCity) Lock(login string) {
	c.change(change(login, "pwdAccountLockedTime", "000001010000Z"))
}

// Delete deletes an entry.
func (c exampleCity) Delete(login string) {
	c.change("dn: uid=" + login + "," + people + "\nchangetype: delete\n")
}

func (c exampleCity) change(ldif string) {
	if err := c.Modify(ldif); err != nil {
		panic(err)
	}
}
