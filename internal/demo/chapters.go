package demo

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// sign has the open pledges of people on a contract signed: by their password in
// the directory or, without one, on paper that a second person verifies.
func (c *City) sign(ctx context.Context, contract, prime string, ids ...string) error {
	for _, id := range ids {
		pledge, hash, err := c.openPledge(ctx, contract, prime, id)
		if err != nil {
			return err
		}
		if c.Directory != nil {
			err = c.as(ctx, clerk(prime), "POST", "/v1/pledges/"+pledge+":sign",
				map[string]any{"hash": hash, "password": find(id).Password()}, nil)
		} else {
			err = c.signPaper(ctx, prime, pledge, "", false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func clerk(organization string) string { return strings.ToLower(organization) + "-clerk" }
func lead(organization string) string  { return strings.ToLower(organization) + "-lead" }

// openPledge finds the pledge of a person that waits to be signed.
func (c *City) openPledge(ctx context.Context, contract, prime, id string) (pledge, hash string, err error) {
	var list struct {
		Pledges []struct{ ID, Person, State, Hash string }
	}
	if err := c.as(ctx, clerk(prime), "GET", "/v1/contracts/"+contract+"/pledges", nil, &list); err != nil {
		return "", "", err
	}
	for _, p := range list.Pledges {
		if p.Person == c.People[id] && p.State == "requested" {
			return p.ID, p.Hash, nil
		}
	}
	return "", "", errors.New("no pledge of " + id + " waits on " + contract)
}

// record records a paper.
func (c *City) record(ctx context.Context, prime, pledge string, guardian bool) error {
	scan := base64.StdEncoding.EncodeToString(ScannedPaper())
	day := string(c.Clock.Now().Day())
	return c.as(ctx, clerk(prime), "POST", "/v1/pledges/"+pledge+":record",
		map[string]any{"document": scan, "media_type": "image/png", "signed_on": day, "guardian_consent": guardian}, nil)
}

// signPaper records a paper and has it verified, or rejected for a reason.
func (c *City) signPaper(ctx context.Context, prime, pledge, reject string, guardian bool) error {
	if err := c.record(ctx, prime, pledge, guardian); err != nil {
		return err
	}
	return c.as(ctx, lead(prime), "POST", "/v1/pledges/"+pledge+":verify", map[string]any{"reject_reason": reject}, nil)
}

// The chapters of the history. Each leaves the city as it was on its day.

func (c *City) lastYear(ctx context.Context) error {
	return errors.Join(c.join(ctx, "C08", "K1", "K1", "E015"), c.sign(ctx, "C08", "K1", "E015"), c.acknowledged(ctx, "C08"))
}

// taxInMarch: whoever signs in March signs v1.
func (c *City) taxInMarch(ctx context.Context) error {
	return errors.Join(c.join(ctx, "C01", "K1", "K1", "E007"), c.sign(ctx, "C01", "K1", "E007"), c.acknowledged(ctx, "C01"))
}

func (c *City) taxInApril(ctx context.Context) error {
	signs := []string{"E001", "E002", "E003", "E006", "E012", "E014"}
	sub := []string{"E046", "E047", "E048", "E051", "E052", "E053"}
	return errors.Join(
		c.join(ctx, "C01", "K1", "K1", append(signs, "E008")...),
		c.join(ctx, "C01", "S1", "K1", sub...),
		c.sign(ctx, "C01", "K1", append(signs, sub...)...),
		c.acknowledged(ctx, "C01"))
}

func (c *City) maintenance(ctx context.Context) error {
	care := []string{"E016", "E017", "E026", "E028"}
	residents := []string{"E016", "E020", "E021", "E022", "E023", "E027", "E029"}
	sub := []string{"E055", "E056", "E059", "E060"}
	err := errors.Join(
		c.join(ctx, "C03", "K2", "K2", append(care, "E018", "E019")...),
		c.join(ctx, "C04", "K2", "K2", residents...),
		c.join(ctx, "C04", "S2", "K2", sub...),
		c.sign(ctx, "C03", "K2", care...), c.sign(ctx, "C04", "K2", append(residents, sub...)...))
	if err != nil {
		return err
	}
	waits, _, err := c.openPledge(ctx, "C03", "K2", "E018")
	if err != nil {
		return err
	}
	unproven, _, err := c.openPledge(ctx, "C03", "K2", "E019")
	if err != nil {
		return err
	}
	carries := c.add("C04", "E021") // only with a permit
	carries["action"] = "carry_out"
	broad := c.add("C04", "E023") // all of the residents' register: a finding for the review
	broad["purpose"] = "U.RESREG"
	return errors.Join(
		c.record(ctx, "K2", waits, false), c.signPaper(ctx, "K2", unproven, "signature", false),
		c.submit(ctx, "k2-clerk", []map[string]any{broad, carries}, "E023", "E021"), c.approve(ctx, "C04", "K2"),
		c.acknowledged(ctx, "C03", "C04"))
}

func (c *City) insurance(ctx context.Context) error {
	own, sub := []string{"E001", "E005", "E009", "E013"}, []string{"E049", "E050"}
	return errors.Join(
		c.join(ctx, "C02", "K1", "K1", own...), c.join(ctx, "C02", "S1", "K1", sub...),
		c.sign(ctx, "C02", "K1", append(own, sub...)...), c.acknowledged(ctx, "C02"),
		c.train(ctx, "k1-clerk", "2026-03-20", "E001", "E005", "E013"), c.train(ctx, "k1-clerk", "2025-10-10", "E009"),
		c.train(ctx, "s1-clerk", "2026-03-25", sub...))
}

func (c *City) allowances(ctx context.Context) error {
	signs := []string{"E030", "E031", "E032", "E034", "E036", "E037", "E039", "E040", "E043"}
	if err := errors.Join(c.join(ctx, "C05", "K3", "K3", append(signs, "E045")...), c.sign(ctx, "C05", "K3", signs...)); err != nil {
		return err
	}
	minor, _, err := c.openPledge(ctx, "C05", "K3", "E045")
	if err != nil {
		return err
	}
	unclassified := c.add("C05", "E040")
	unclassified["asset"] = "A11"
	return errors.Join(
		c.signPaper(ctx, "K3", minor, "", false), // the guardian has not consented
		c.submit(ctx, "k3-clerk", []map[string]any{unclassified}, "E040"), c.approve(ctx, "C05", "K3"),
		c.acknowledged(ctx, "C05"))
}

func (c *City) callCentre(ctx context.Context) error {
	all := []string{"E033", "E035", "E038", "E041"}
	return errors.Join(c.join(ctx, "C06", "K3", "K3", all...), c.sign(ctx, "C06", "K3", all...), c.acknowledged(ctx, "C06"))
}

// line is a line about somebody who is on a roster.
func (c *City) line(operation, contract, id, reason string) map[string]any {
	return map[string]any{"operation": operation, "contract": contract, "person": c.People[id], "reason": reason}
}

func (c *City) nameChange(ctx context.Context) error {
	l := c.line("change", "C05", "E037", "name_change")
	l["name"] = find("E037").Name
	l["former_name"] = find("E037").FormerName
	return errors.Join(c.submit(ctx, "k3-clerk", []map[string]any{l}, "E037"), c.approve(ctx, "C05", "K3"), c.acknowledged(ctx, "C05"))
}

// leaver: recorded three days late; it works from the moment it is recorded.
func (c *City) leaver(ctx context.Context) error {
	l := c.line("remove", "C01", "E052", "departure")
	l["until"] = "2026-08-31"
	return errors.Join(c.submit(ctx, "s1-clerk", []map[string]any{l}, "E052"), c.acknowledged(ctx, "C01"))
}

func (c *City) termination(ctx context.Context) error {
	if err := c.submit(ctx, "k3-clerk", []map[string]any{c.line("remove", "C06", "E041", "departure")}, "E041"); err != nil {
		return err
	}
	ended := strings.Replace(c06(), "prime: K3", "prime: K3\n    state: terminated\n    terminated_at: 2026-09-15T17:00:00+09:00", 1)
	moved := c.add("C05", "E033")
	moved["pledge"] = "submitted" // it was, but for another contract
	return errors.Join(
		c.acknowledged(ctx, "C06"), c.Apply(ctx, []byte(ended)),
		c.submit(ctx, "k3-clerk", []map[string]any{moved}, "E033"), c.approve(ctx, "C05", "K3"), c.acknowledged(ctx, "C05"))
}

// c06 is the part of the master data that registers C06.
func c06() string {
	_, from, _ := strings.Cut(string(master), "  - id: C06\n")
	item, _, _ := strings.Cut(from, "  - id: C07\n")
	return "contracts:\n  - id: C06\n" + item
}

func (c *City) removal(ctx context.Context) error {
	return errors.Join(
		c.submit(ctx, "k1-clerk", []map[string]any{c.line("remove", "C02", "E013", "reassignment")}, "E013"),
		c.acknowledged(ctx, "C02"))
}

// withdrawn: two changes that came to nothing. What was signed meanwhile is kept.
func (c *City) withdrawn(ctx context.Context) error {
	err := errors.Join(
		c.submit(ctx, "k3-clerk", []map[string]any{c.add("C05", "E044")}, "E044"), c.sign(ctx, "C05", "K3", "E044"),
		c.submit(ctx, "s1-clerk", []map[string]any{c.add("C01", "E054")}, "E054"))
	if err != nil {
		return err
	}
	homonym, never := c.waiting["C05"][0], c.waiting["C01"][0]
	c.waiting["C05"], c.waiting["C01"] = nil, nil
	return errors.Join(
		c.as(ctx, "k3-lead", "POST", "/v1/changes/"+homonym+":reject", map[string]any{"reason": "同姓同名の別人と取り違えたため"}, nil),
		c.as(ctx, "s1-clerk", "POST", "/v1/changes/"+never+":withdraw", map[string]any{}, nil))
}

// reform: a contract that begins in November, with one line still in draft.
func (c *City) reform(ctx context.Context) error {
	if err := errors.Join(c.join(ctx, "C07", "K2", "K2", "E024"), c.sign(ctx, "C07", "K2", "E024"), c.acknowledged(ctx, "C07")); err != nil {
		return err
	}
	err := c.submit(ctx, "k2-clerk", []map[string]any{c.add("C07", "E025")}, "E025")
	c.waiting["C07"] = nil // nobody approves it
	return err
}

// resigned: version 3 of the pledge is mandatory on C05; two have time until the
// end of the month.
func (c *City) resigned(ctx context.Context) error {
	future := c.add("C05", "E042")
	future["from"] = "2026-11-01"
	if err := errors.Join(c.submit(ctx, "k3-clerk", []map[string]any{future}, "E042"), c.approve(ctx, "C05", "K3"), c.sign(ctx, "C05", "K3", "E042")); err != nil {
		return err
	}
	for _, id := range []string{"E031", "E032", "E034", "E036", "E039", "E040"} {
		body := map[string]any{"person": c.People[id]}
		if err := c.as(ctx, "k3-clerk", "POST", "/v1/contracts/C05/pledges", body, nil); err != nil {
			return err
		}
		if err := c.sign(ctx, "C05", "K3", id); err != nil {
			return err
		}
	}
	return c.acknowledged(ctx, "C05")
}

// atWork: everybody does his work, or tries to, but for E012, who has not for long.
func (c *City) atWork(ctx context.Context) error {
	for _, p := range People {
		if p.ID == "E012" || c.People[p.ID] == "" {
			continue
		}
		if _, err := c.Check(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// returned: the city sends one line back.
func (c *City) returned(ctx context.Context) error {
	if err := errors.Join(c.join(ctx, "C02", "K1", "K1", "E011"), c.sign(ctx, "C02", "K1", "E011"), c.train(ctx, "k1-clerk", "2026-10-01", "E011"), c.Told(ctx, "C02")); err != nil {
		return err
	}
	version, hash, err := c.newestRoster(ctx, "C02")
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/v1/contracts/C02/rosters/%d:return", version)
	body := map[string]any{"hash": hash, "person": c.People["E011"], "reason": "担当業務が契約の範囲と異なるため"}
	return errors.Join(c.as(ctx, "city-receiver", "POST", path, body, nil), c.Told(ctx, "C02"))
}

// newest: notified, and not acknowledged.
func (c *City) newest(ctx context.Context) error {
	return errors.Join(
		c.join(ctx, "C01", "K1", "K1", "E010"), c.sign(ctx, "C01", "K1", "E010"), c.Told(ctx, "C01"),
		c.join(ctx, "C04", "S2", "K2", "E058"), c.sign(ctx, "C04", "K2", "E058"), c.Told(ctx, "C04"))
}

// yesterday: the relay takes nothing any more, and people came and went in the
// directory.
func (c *City) yesterday(ctx context.Context) error {
	c.Sink.Hold()
	hidden := c.add("C01", "E057") // K1 enters it among its own: S2 has no consent there
	err := errors.Join(
		c.join(ctx, "C01", "K1", "K1", "E004"), c.sign(ctx, "C01", "K1", "E004"),
		c.submit(ctx, "k1-clerk", []map[string]any{hidden}, "E057"), c.approve(ctx, "C01", "K1"), c.sign(ctx, "C01", "K1", "E057"))
	if err != nil || c.Directory == nil {
		return err
	}
	for _, ldif := range []string{find("E022").Disable(), find("E041").Delete(), find("E052").Delete(), find("E039").Move("planning")} {
		if err := c.Directory.Modify(ldif); err != nil {
			return err
		}
	}
	return c.as(ctx, "operator", "POST", "/v1/directory:sync", map[string]any{}, nil)
}
