//! Runs workflow documents: the plan, the run's state machine, the dispatcher, the variable pool.
