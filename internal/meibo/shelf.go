package meibo

// A Shelf keeps rows in order, finds them by key and remembers which were put.
type Shelf[K comparable, R Keyed[K]] struct {
	rows    []R
	place   map[K]int
	put     []K
	written map[K]bool
}

// Keyed is a row that a Shelf can keep.
type Keyed[K comparable] interface{ key() K }

// ShelfOf makes a shelf of rows as read.
func ShelfOf[K comparable, R Keyed[K]](rows []R) Shelf[K, R] {
	s := Shelf[K, R]{rows: rows, place: make(map[K]int, len(rows))}
	for i, r := range rows {
		s.place[r.key()] = i
	}
	return s
}

// All are the rows, in order.
func (s *Shelf[K, R]) All() []R { return s.rows }

// Get finds a row.
func (s *Shelf[K, R]) Get(k K) (R, bool) {
	i, ok := s.place[k]
	if !ok {
		var none R
		return none, false
	}
	return s.rows[i], true
}

// Put keeps a row, in place of the one with its key, and marks it written.
func (s *Shelf[K, R]) Put(r R) {
	k := r.key()
	if i, ok := s.place[k]; ok {
		s.rows[i] = r
	} else {
		if s.place == nil {
			s.place = map[K]int{}
		}
		s.place[k] = len(s.rows)
		s.rows = append(s.rows, r)
	}
	if !s.written[k] {
		if s.written == nil {
			s.written = map[K]bool{}
		}
		s.written[k] = true
		s.put = append(s.put, k)
	}
}

// know keeps a row without marking it written; a row that is there stays.
func (s *Shelf[K, R]) know(r R) {
	if _, known := s.Get(r.key()); known {
		return
	}
	if s.place == nil {
		s.place = map[K]int{}
	}
	s.place[r.key()] = len(s.rows)
	s.rows = append(s.rows, r)
}

// Written are the rows that were put, in the order in which they first were.
func (s *Shelf[K, R]) Written() []R {
	rows := make([]R, len(s.put))
	for i, k := range s.put {
		rows[i], _ = s.Get(k)
	}
	return rows
}

func (s *Shelf[K, R]) clone() Shelf[K, R] {
	c := ShelfOf[K](append([]R(nil), s.rows...))
	return c
}
