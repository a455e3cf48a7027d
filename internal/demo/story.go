package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// A Story tells the main job end to end with real requests and answers: a
// contractor submits a staff change, two approve it, a roster version is cut,
// the city is told, and a downstream system is answered.
type Story struct {
	City *City
	Out  io.Writer
	step int
}

// hero is who comes to work: one who was never on a roster.
const hero = "E054"

// Tell tells the story. It ends at the first request that goes otherwise than it
// should.
func (s *Story) Tell(ctx context.Context) error {
	c := s.City
	quiet := c.Door
	c.Door.Heard = s.heard
	defer func() { c.Door = quiet }()
	for _, tell := range []func(context.Context) error{s.submitted, s.approved, s.refused, s.signed, s.mailed, s.allowed, s.wrongPurpose, s.left} {
		if err := tell(ctx); err != nil {
			return fmt.Errorf("step %d of the story: %w", s.step, err)
		}
	}
	return nil
}

// say begins a step.
func (s *Story) say(format string, args ...any) {
	s.step++
	fmt.Fprintf(s.Out, "\n%d. %s\n", s.step, fmt.Sprintf(format, args...))
}

// heard prints a request and its answer.
func (s *Story) heard(method, path string, body, answer []byte, status int) {
	fmt.Fprintf(s.Out, "   > %s %s\n", method, path)
	if len(body) > 0 {
		fmt.Fprintf(s.Out, "     %s\n", short(hidden(body)))
	}
	fmt.Fprintf(s.Out, "   < %d %s\n", status, short(answer))
}

// hidden leaves out what is nobody's business on a screen.
func hidden(body []byte) []byte {
	var m map[string]any
	if json.Unmarshal(body, &m) != nil {
		return body
	}
	if _, ok := m["password"]; ok {
		m["password"] = "…"
	}
	delete(m, "idempotency_key")
	text, err := json.Marshal(m)
	if err != nil {
		return body
	}
	return text
}

// short makes JSON fit a few lines of a screen.
func short(text []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		b.Write(text)
	}
	const most = 480
	r := []rune(b.String())
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

// want checks what the story says.
func (s *Story) want(ctx context.Context, edit map[string]any, codes ...string) error {
	p := find(hero)
	q := s.City.Question(p)
	for k, v := range edit {
		q[k] = v
	}
	var a Answer
	if err := s.City.Door.Do(ctx, s.City.SystemKey(p), "POST", "/v1/access:check", q, &a); err != nil {
		return err
	}
	if got := strings.Join(a.Codes, " "); got != strings.Join(codes, " ") {
		return fmt.Errorf("the check says %s, not %s", got, strings.Join(codes, " "))
	}
	verdict := "refused"
	if a.Allowed {
		verdict = "ALLOWED"
	}
	fmt.Fprintf(s.Out, "   = %s: %s %s\n", verdict, strings.Join(a.Codes, ", "), a.Message)
	return nil
}

func (s *Story) submitted(ctx context.Context) error {
	p := find(hero)
	s.say("Subcontractor S1 submits a staff change (従事者変更届): %s %s comes to contract C01.", p.ID, p.Name)
	return s.City.submit(ctx, "s1-clerk", []map[string]any{s.City.add("C01", hero)}, hero)
}

func (s *Story) approved(ctx context.Context) error {
	before, _, err := s.City.newestRoster(ctx, "C01")
	if err != nil {
		return err
	}
	s.say("S1's lead approves, and prime contractor K1 counter-signs: the next version of the roster (従事者名簿) is cut.")
	if err := s.City.approve(ctx, "C01", "S1", "K1"); err != nil {
		return err
	}
	after, hash, err := s.City.newestRoster(ctx, "C01")
	if err == nil && after != before+1 {
		err = fmt.Errorf("version %d follows version %d", after, before)
	}
	fmt.Fprintf(s.Out, "   = version %d, SHA-256 %s\n", after, hash)
	return err
}

func (s *Story) refused(ctx context.Context) error {
	s.say("The tax system asks about him. No pledge is signed, and the city has not been told: both are named.")
	return s.want(ctx, nil, "ROSTER_NOT_NOTIFIED", "PLEDGE_NOT_SIGNED")
}

func (s *Story) signed(ctx context.Context) error {
	how := "by his password in the directory, in this call"
	if s.City.Directory == nil {
		how = "on paper, which a second person verifies (no slapd is installed)"
	}
	s.say("He signs the pledge of secrecy (誓約書) %s.", how)
	if err := s.City.sign(ctx, "C01", "K1", hero); err != nil {
		return err
	}
	return s.want(ctx, nil, "ROSTER_NOT_NOTIFIED")
}

func (s *Story) mailed(ctx context.Context) error {
	c := s.City
	s.say("The city's mail relay takes mail again. Until now it answered 451, and the notices (通知) waited in their order.")
	before := len(c.Sink.Mails())
	c.Sink.Release()
	quiet := c.Door
	c.Door.Heard = nil
	if err := c.hurry(ctx, "C01"); err != nil {
		return err
	}
	c.Door = quiet
	mails := c.Sink.Mails()[before:]
	for _, m := range mails {
		fmt.Fprintf(s.Out, "   @ %s -> %s  %s\n", m.From, strings.Join(m.To, ", "), m.Subject())
	}
	if len(mails) == 0 {
		return errors.New("no mail came")
	}
	fmt.Fprintf(s.Out, "     %s\n", strings.ReplaceAll(strings.TrimSpace(mails[len(mails)-1].Text()), "\n", "\n     "))
	return nil
}

// hurry lets notices that wait for their next attempt be due, and waits for them.
func (c *City) hurry(ctx context.Context, contract string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c.Clock.Run(c.Clock.Now().Add(5 * time.Hour))
	return c.Told(ctx, contract)
}

func (s *Story) allowed(ctx context.Context) error {
	s.say("The city is notified of exactly this right. Now the same question is allowed.")
	return s.want(ctx, nil, "ALLOW")
}

func (s *Story) wrongPurpose(ctx context.Context) error {
	s.say("The same person, the same data, another purpose: curiosity is prohibited, checking was not granted, and none stated is none.")
	return errors.Join(
		s.want(ctx, map[string]any{"purpose": "Z.CURIOUS"}, "PURPOSE_PROHIBITED"),
		s.want(ctx, map[string]any{"purpose": "U.TAX.RES.ASSESS.VERIFY"}, "PURPOSE_NOT_GRANTED"),
		s.want(ctx, map[string]any{"purpose": ""}, "PURPOSE_MISSING"))
}

func (s *Story) left(ctx context.Context) error {
	if s.City.Directory == nil {
		s.say("He leaves: S1 removes him, which needs nobody's approval.")
		err := s.City.submit(ctx, "s1-clerk", []map[string]any{s.City.line("remove", "C01", hero, "transfer")}, hero)
		return errors.Join(err, s.want(ctx, nil, "ROSTER_MEMBER_ENDED"))
	}
	s.say("His account is disabled in the directory (LDAP). The next check refuses.")
	if err := s.City.Directory.Modify(find(hero).Disable()); err != nil {
		return err
	}
	if err := s.City.as(ctx, "operator", "POST", "/v1/directory:sync", map[string]any{}, nil); err != nil {
		return err
	}
	return s.want(ctx, nil, "SUBJECT_DISABLED")
}
