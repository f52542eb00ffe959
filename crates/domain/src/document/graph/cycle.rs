//! The nodes of cycles: strongly connected components in one pass (Tarjan), without recursion.

/// The nodes that can be reached from themselves, in order; `after` has the followers of every node.
pub(super) fn nodes_on_cycles(after: &[Vec<usize>]) -> Vec<usize> {
    let mut search = Search {
        after,
        number: vec![0; after.len()],
        lowest: vec![0; after.len()],
        is_open: vec![false; after.len()],
        open: Vec::new(),
        last: 0,
        found: Vec::new(),
    };
    for node in 0..after.len() {
        if search.number[node] == 0 {
            search.walk(node);
        }
    }
    search.found.sort_unstable();
    search.found
}

struct Search<'a> {
    after: &'a [Vec<usize>],
    /// In which order nodes were met, from 1; 0 is not yet.
    number: Vec<usize>,
    /// The lowest number that is known to be reachable in the same component.
    lowest: Vec<usize>,
    is_open: Vec<bool>,
    /// Nodes whose component is not complete yet.
    open: Vec<usize>,
    last: usize,
    found: Vec<usize>,
}

impl Search<'_> {
    fn walk(&mut self, root: usize) {
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((node, edge)) = path.last_mut() {
            let (node, next) = (*node, self.after[*node].get(*edge).copied());
            *edge += 1;
            match next {
                Some(next) if self.number[next] == 0 => {
                    self.enter(next);
                    path.push((next, 0));
                }
                Some(next) if self.is_open[next] => {
                    self.lowest[node] = self.lowest[node].min(self.number[next]);
                }
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some((before, _)) = path.last() {
                        self.lowest[*before] = self.lowest[*before].min(self.lowest[node]);
                    }
                    if self.lowest[node] == self.number[node] {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.last += 1;
        self.number[node] = self.last;
        self.lowest[node] = self.last;
        self.is_open[node] = true;
        self.open.push(node);
    }

    /// Takes the component that began with a node.
    fn close(&mut self, first: usize) {
        let from = self.open.iter().rposition(|node| *node == first);
        let component = self.open.split_off(from.unwrap_or_default());
        for node in &component {
            self.is_open[*node] = false;
        }
        if component.len() > 1 || self.after[first].contains(&first) {
            self.found.extend(component);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nodes_on_cycles;

    #[test]
    fn only_nodes_that_reach_themselves_are_on_a_cycle() {
        for (after, expected) in [
            (vec![vec![1], vec![2], vec![]], vec![]),
            (vec![vec![0]], vec![0]),
            (vec![vec![1, 2], vec![3], vec![3], vec![]], vec![]),
            // 1 and 2 and, behind a node between them, 4 and 5.
            (
                vec![
                    vec![1],
                    vec![2],
                    vec![1, 3],
                    vec![4],
                    vec![5],
                    vec![4, 6],
                    vec![],
                ],
                vec![1, 2, 4, 5],
            ),
        ] {
            assert_eq!(nodes_on_cycles(&after), expected, "{after:?}");
        }
    }
}
