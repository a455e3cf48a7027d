package directory_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
)

// A caller that keeps its people in memory follows a directory. What Apply does is
// one transaction: a database would store the people and the token together.
func ExampleFollower() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	server, err := demo.StartSlapd(ctx, demo.SlapdOptions{Data: strings.NewReader(units + "\n\n" + person(1, "sato"))})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Stop()
	source, err := directory.Open(directory.Config{
		URLs: []string{server.URL}, BindDN: server.BindDN, PasswordFile: server.PasswordFile, Bases: []string{people},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	sato := directory.Known{ID: id(1), State: directory.Enabled}
	token, current := directory.Token(""), make(chan directory.Mode, 1)
	follower, err := source.Follower(directory.Following{
		From:  token,
		Known: func(context.Context) ([]directory.Known, error) { return []directory.Known{sato}, nil },
		Apply: func(_ context.Context, b directory.Batch) error {
			plan := directory.Decide([]directory.Known{sato}, b, directory.Limits{})
			for _, c := range plan.Apply {
				sato.State = c.To.State
				fmt.Println(c.Kind, c.To.Cause, "by", b.Cause)
				stop()
			}
			token = b.Next
			return nil
		},
		Report: func(n directory.Notice) {
			if n.Kind == directory.NoticeCurrent {
				current <- n.Mode
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		fmt.Println("followed by", <-current)
		server.Modify("dn: uid=sato," + people + "\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n")
	}()
	if err := follower.Run(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(sato.State, token != "")

	// Output:
	// followed by content
	// restricted admin by stream
	// disabled true
}
