import ArgumentParser

/// `all`, or labels joined by commas.
struct ChosenLabelsArgument: ExpressibleByArgument {
  /// The labels; `nil` for all.
  let labels: Set<Int>?

  init?(argument: String) {
    if argument == "all" {
      labels = nil
    } else if let some = LabelsArgument(argument: argument) {
      labels = Set(some.values)
    } else {
      return nil
    }
  }
}
