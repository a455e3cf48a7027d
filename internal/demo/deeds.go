package demo

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// find is one of the sixty.
func find(id string) Person {
	for _, p := range People {
		if p.ID == id {
			return p
		}
	}
	panic("no person " + id)
}

// add is the line that puts a person on a contract with the standard right.
func (c *City) add(contract, id string) map[string]any {
	p, work := find(id), Work[contract]
	if p.ID == "E037" { // her name until September
		p.Name, p.FormerName = p.FormerName+" 真由", ""
	}
	adult := "yes"
	if p.Minor {
		adult = "no"
	}
	return map[string]any{
		"operation": "add", "contract": contract, "login": p.Login(), "name": p.Name, "kana": p.Kana, "latin": p.Latin, "alias": p.Alias,
		"former_name": p.FormerName, "adult": adult, "employer": p.Employer, "employment": p.Employment, "asset": work.Asset,
		"action": "view", "purpose": work.Purpose, "from": work.From, "until": work.Until, "task": p.Task, "workplace": "本社",
	}
}

// submit submits lines as a client and notes the changes that wait. ids are those
// whom the lines name, in order.
func (c *City) submit(ctx context.Context, client string, lines []map[string]any, ids ...string) error {
	var done struct {
		Changes []struct{ ID, Contract, State string }
		Effects []struct{ Person string }
	}
	if err := c.as(ctx, client, "POST", "/v1/changes", map[string]any{"lines": lines}, &done); err != nil {
		return err
	}
	for i, id := range ids {
		c.People[id] = done.Effects[i].Person
	}
	for _, ch := range done.Changes {
		if ch.State == "submitted" {
			c.waiting[ch.Contract] = append(c.waiting[ch.Contract], ch.ID)
		}
	}
	return nil
}

// join puts people of one employer on a contract: its clerk submits, its lead
// approves, and for a subcontractor the prime's lead, too.
func (c *City) join(ctx context.Context, contract, employer, prime string, ids ...string) error {
	var lines []map[string]any
	for _, id := range ids {
		lines = append(lines, c.add(contract, id))
	}
	if err := c.submit(ctx, strings.ToLower(employer)+"-clerk", lines, ids...); err != nil {
		return err
	}
	return c.approve(ctx, contract, employer, prime)
}

// approve has the leads approve what waits on a contract.
func (c *City) approve(ctx context.Context, contract string, organizations ...string) error {
	for _, id := range c.waiting[contract] {
		said := map[string]bool{}
		for _, o := range organizations {
			if said[o] {
				continue
			}
			said[o] = true
			if err := c.as(ctx, strings.ToLower(o)+"-lead", "POST", "/v1/changes/"+id+":approve", map[string]any{}, nil); err != nil {
				return err
			}
		}
	}
	c.waiting[contract] = nil
	return nil
}

// Told waits until the relay has taken every notice of a contract.
func (c *City) Told(ctx context.Context, contract string) error {
	for {
		var list struct{ Notices []struct{ State string } }
		if err := c.as(ctx, "operator", "GET", "/v1/notices?contract="+contract, nil, &list); err != nil {
			return err
		}
		open := 0
		for _, n := range list.Notices {
			if n.State == "queued" || n.State == "sending" {
				open++
			}
		}
		if open == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// newestRoster is the head of a contract's newest roster version.
func (c *City) newestRoster(ctx context.Context, contract string) (version int, hash string, err error) {
	var v struct {
		Roster struct {
			Version int
			Hash    string
		}
	}
	err = c.as(ctx, "city-receiver", "GET", "/v1/contracts/"+contract+"/rosters/0", nil, &v)
	return v.Roster.Version, v.Roster.Hash, err
}

// acknowledged waits until the newest version is notified and has the city
// acknowledge it.
func (c *City) acknowledged(ctx context.Context, contracts ...string) error {
	for _, contract := range contracts {
		if err := c.Told(ctx, contract); err != nil {
			return err
		}
		version, hash, err := c.newestRoster(ctx, contract)
		if err != nil {
			return err
		}
		path := fmt.Sprintf("/v1/contracts/%s/rosters/%d:acknowledge", contract, version)
		if err := c.as(ctx, "city-receiver", "POST", path, map[string]any{"hash": hash}, nil); err != nil {
			return err
		}
	}
	return nil
}
