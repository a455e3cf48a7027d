package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// train records that people were told the city's conditions.
func (c *City) train(ctx context.Context, client, day string, ids ...string) error {
	var list []map[string]any
	for _, id := range ids {
		list = append(list, map[string]any{"person": c.People[id], "completed_on": day, "material": "研修資料 第3版"})
	}
	return c.as(ctx, client, "POST", "/v1/trainings", map[string]any{"trainings": list}, nil)
}

// leave: suspended while on leave; the right is there when the person comes back.
func (c *City) leave(ctx context.Context) error {
	l := c.line("suspend", "C01", "E053", "leave")
	return errors.Join(c.submit(ctx, "s1-clerk", []map[string]any{l}, "E053"), c.Told(ctx, "C01"))
}

// permitted: the city gives leave to carry out, for a period, for so many records;
// and other permits that do not serve.
func (c *City) permitted(ctx context.Context) error {
	var file strings.Builder
	file.WriteString("permits:\n")
	permit := func(id, more string) {
		fmt.Fprintf(&file, "  - {id: %s, contract: C04, person: %s, approver: %s, starts: 2026-10-10, ends: 2026-10-20, assets: [A05], "+
			"actions: [carry_out], purposes: [O.MAINT], recipients: [K2-YOKOHAMA], media: [encrypted-usb], rows: 500%s}\n",
			id, c.People["E021"], c.People["E016"], more)
	}
	permit("PM-01", ", obligations: [{name: encrypt}]")
	permit("PM-03", ", revoked_at: 2026-10-12T09:00:00+09:00")
	permit("PM-04", ", state: pending")
	text := strings.Replace(file.String(), "permits:\n", "", 1)
	expired := strings.NewReplacer("PM-01", "PM-02", "2026-10-10", "2026-09-10", "2026-10-20", "2026-09-20").Replace(strings.SplitN(text, "\n", 2)[0])
	return c.Apply(ctx, []byte(file.String()+expired+"\n"))
}

// incident: one is handled and its person held; another is closed. A credential is
// used twice at once.
func (c *City) incident(ctx context.Context) error {
	hold := func(kind, reference, id string) (string, error) {
		var opened struct{ Hold string }
		err := c.as(ctx, "city-approver", "POST", "/v1/holds",
			map[string]any{"hold": map[string]any{"kind": kind, "reference": reference, "person": c.People[id]}}, &opened)
		return opened.Hold, err
	}
	_, err1 := hold("incident", "I-01", "E051")
	closed, err2 := hold("incident", "I-02", "E046")
	_, err3 := hold("shared", "I-03", "E060")
	err := errors.Join(err1, err2, err3)
	if err != nil {
		return err
	}
	return c.as(ctx, "city-approver", "POST", "/v1/holds/"+closed+":lift", map[string]any{}, nil)
}

// morning: the directory is read again; nothing has changed.
func (c *City) morning(ctx context.Context) error {
	if c.Directory == nil {
		return nil
	}
	return c.as(ctx, "operator", "POST", "/v1/directory:sync", map[string]any{}, nil)
}
