package demo

import (
	"context"
	"strings"
)

// An Answer is what a system was told about a person.
type Answer struct {
	Allowed     bool     `json:"allowed"`
	PrimaryCode string   `json:"primary_code"`
	Codes       []string `json:"codes"`
	Advice      []string `json:"advice"`
	Message     string   `json:"message"`
	DecisionID  string   `json:"decision_id"`
}

// Question is the standard check of a person, as the JSON of a request.
func (c *City) Question(p Person) map[string]any {
	work := Work[p.Contracts[0]]
	return map[string]any{
		"person": c.People[p.ID], "contract": p.Contracts[0], "asset": work.Asset, "action": "view", "purpose": work.Purpose,
	}
}

// Check makes the standard check of a person over JSON.
func (c *City) Check(ctx context.Context, p Person) (Answer, error) {
	var a Answer
	err := c.Door.Do(ctx, c.SystemKey(p), "POST", "/v1/access:check", c.Question(p), &a)
	return a, err
}

// SystemKey is the key of the system that asks about a person.
func (c *City) SystemKey(p Person) string {
	return c.Keys[strings.ToLower(Work[p.Contracts[0]].System)]
}
