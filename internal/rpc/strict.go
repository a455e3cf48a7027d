package rpc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Two parsers that read one text differently are how a check is passed by. So a
// request is refused unless every parser must read it alike.
const (
	maxBody  = 1 << 20
	maxDepth = 32
	maxNames = 200
	// maxParts bounds the objects and lists of JSON, the messages and elements of
	// lists of protobuf: two bytes can stand for one that takes hundreds in memory.
	maxParts = 50_000
)

// A malformed request, with what is wrong with it. It speaks of places, not of
// what stands there.
type malformed struct {
	status int // of HTTP
	what   string
}

func (m *malformed) Error() string { return m.what }

// Unwrap says that it is invalid input.
func (m *malformed) Unwrap() error { return meibo.ErrInvalid }

// strictBody reads the body of a request: at most limit bytes of application/json,
// one object in valid UTF-8, without duplicate names (nor such as differ only in
// case), without NUL, nothing after it, and neither deep nor wide beyond the
// limits.
func strictBody(r *http.Request, limit int64) ([]byte, *malformed) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, said := params["charset"]
	if err != nil || len(r.Header.Values("Content-Type")) != 1 || kind != "application/json" || said && !strings.EqualFold(charset, "utf-8") {
		return nil, &malformed{http.StatusUnsupportedMediaType, "Content-Type: application/json is required"}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, &malformed{http.StatusBadRequest, "the body could not be read"}
	}
	if int64(len(body)) > limit {
		return nil, &malformed{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", limit)}
	}
	if err := strictObject(body); err != nil {
		return nil, &malformed{http.StatusBadRequest, err.Error()}
	}
	return body, nil
}

// strictObject checks that text is exactly one JSON object that no two parsers
// can read differently.
func strictObject(text []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if d.PeekKind() != '{' {
		return errors.New("the body is not a JSON object")
	}
	var names []map[string]bool // of the objects around
	for parts := 0; ; {
		token, err := d.ReadToken()
		if err != nil {
			return fmt.Errorf("the body is not valid JSON at byte %d", d.InputOffset())
		}
		switch token.Kind() {
		case '{', '[':
			if parts++; parts > maxParts {
				return fmt.Errorf("the body has more than %d parts", maxParts)
			}
			if d.StackDepth() > maxDepth {
				return fmt.Errorf("the body is nested deeper than %d levels", maxDepth)
			}
			names = append(names, nil)
		case '}', ']':
			names = names[:len(names)-1]
			if len(names) == 0 {
				return nothingAfter(d)
			}
		case '"':
			if err := strictString(d, token.String(), &names[len(names)-1]); err != nil {
				return err
			}
		}
	}
}

func nothingAfter(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the body goes on after its object at byte %d", d.InputOffset())
	}
	return nil
}

// strictString checks a string; names are those seen in the object around it.
func strictString(d *jsontext.Decoder, s string, names *map[string]bool) error {
	if strings.ContainsRune(s, 0) {
		return fmt.Errorf("the body holds NUL at byte %d", d.InputOffset())
	}
	if kind, n := d.StackIndex(d.StackDepth()); kind != '{' || n%2 == 0 {
		return nil // a value
	}
	folded := strings.Map(fold, s)
	if (*names)[folded] {
		return fmt.Errorf("the body names a member twice at byte %d", d.InputOffset())
	}
	if *names == nil {
		*names = map[string]bool{}
	}
	(*names)[folded] = true
	if len(*names) > maxNames {
		return fmt.Errorf("an object of the body has more than %d members", maxNames)
	}
	return nil
}

// fold turns all letters that differ only in case into one of them, as a parser
// that does not care for case would: the Kelvin sign is a k, and ſ an s.
func fold(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}

// queries are the parameters that paths take.
var queries = map[string][]string{
	"/v1/log/entries": {"from", "limit"}, "/v1/notices": {"contract"}, "/v1/directory/holds": {"every"}, "/v1/directory/people": {"standing", "after"},
}

// strictQuery refuses parameters that the path does not know, or that are given
// twice.
func strictQuery(u *url.URL) *malformed {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return &malformed{http.StatusBadRequest, "the query cannot be read"}
	}
	for name, given := range values {
		switch {
		case !slices.Contains(queries[u.Path], name):
			return &malformed{http.StatusBadRequest, "a query parameter is unknown"}
		case len(given) != 1:
			return &malformed{http.StatusBadRequest, "a query parameter is given twice"}
		}
	}
	return nil
}

// samePath checks that where a body names a parameter of the path, it says the
// same.
func samePath(body []byte, path map[string]string) error {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	if len(body) == 0 {
		return nil
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		said, known := path[name.String()]
		if !known {
			if err := d.SkipValue(); err != nil {
				return err
			}
			continue
		}
		value, err := d.ReadToken()
		if err != nil || value.String() != said {
			return errors.New("body and path name different things")
		}
	}
	return nil
}
