import Voxtile

/// What the labels of several networks become in one label map.
///
///     let labels = try TaskLabels([
///       .init(task: "organs", label: 1, value: 5, name: "liver"),
///       .init(task: "bones", label: 1, value: 25, name: "sacrum"),
///     ])
///
/// Labels that are not named are left out, as if the network had found nothing there.
public struct TaskLabels: Hashable, Sendable {
  /// One label of one task.
  public struct Entry: Hashable, Sendable {
    /// The task whose network gives the label.
    public var task: String
    /// The label, as that network gives it.
    public var label: Int
    /// What it becomes; 0 leaves it out.
    public var value: Int
    /// What it stands for, where that is known.
    public var name: String?

    /// Names what a label becomes.
    public init(task: String, label: Int, value: Int, name: String? = nil) {
      (self.task, self.label, self.value, self.name) = (task, label, value, name)
    }
  }

  /// The labels, in the order in which they were given.
  public let entries: [Entry]

  /// Creates a table.
  ///
  /// - Parameter entries: each label of a task once. Several labels may become one value.
  /// - Throws: `VoxtileError.Code.invalidOption` where a label is named twice, the background would become a label, a value is
  ///   below 0 or above 2,147,483,647, or one value has two names.
  public init(_ entries: [Entry]) throws(VoxtileError) {
    struct Key: Hashable {
      let task: String
      let label: Int
    }
    var known: [Key: Int] = [:]
    var names: [Int: String] = [:]
    for entry in entries {
      let subject = "label \(entry.label) of the task '\(entry.task)'"
      guard Int32(exactly: entry.label) != nil, (0...Int(Int32.max)).contains(entry.value) else {
        throw VoxtileError(
          .invalidOption, "\(subject) would become \(entry.value); values are 0 to \(Int32.max)",
          context: .init(expected: "0...\(Int32.max)", found: "\(entry.value)"))
      }
      guard entry.label != 0 || entry.value == 0 else {
        throw VoxtileError(
          .invalidOption,
          "\(subject) is its background, which cannot become \(entry.value): it would hide what other tasks have found; leave it out",
          context: .init(expected: "0", found: "\(entry.value)"))
      }
      if let first = known.updateValue(entry.value, forKey: Key(task: entry.task, label: entry.label)) {
        throw VoxtileError(
          .invalidOption, "\(subject) would become \(first) and \(entry.value); name it once",
          context: .init(expected: "\(first)", found: "\(entry.value)"))
      }
      guard entry.value != 0, let name = entry.name else { continue }
      if let other = names.updateValue(name, forKey: entry.value), other != name {
        throw VoxtileError(
          .invalidOption,
          "the value \(entry.value) would stand for '\(other)' and '\(name)'; use another one",
          context: .init(expected: other, found: name))
      }
    }
    self.entries = entries
  }

  /// Throws where a label is of none of some tasks.
  package func checkTasks(_ names: [String]) throws(VoxtileError) {
    guard let other = entries.first(where: { !names.contains($0.task) }) else { return }
    let known = names.map { "'\($0)'" }.joined(separator: ", ")
    throw VoxtileError(
      .invalidOption,
      "the table of labels has a task '\(other.task)', but the tasks are \(known); use the same names",
      context: .init(expected: known, found: other.task))
  }

  /// The values of the result that have names, in ascending order.
  public var names: [LabelName] {
    let named = entries.filter { $0.value != 0 }.compactMap { entry in entry.name.map { (entry.value, $0) } }
    return Dictionary(named) { first, _ in first }.sorted { $0.key < $1.key }.map {
      LabelName(label: $0.key, name: $0.value)
    }
  }

  /// What each label of a task becomes.
  func values(of task: String) -> [Int: Int] {
    Dictionary(entries.filter { $0.task == task }.map { ($0.label, $0.value) }) { first, _ in first }
  }

  /// The smallest type that holds all values.
  var scalarType: ScalarType {
    let largest = entries.map(\.value).max() ?? 0
    return largest <= 255 ? .uint8 : largest <= 65535 ? .uint16 : .int32
  }
}

extension TaskLabels {
  /// Values that are counted on from task to task: those of the first one begin at 1. Where several tasks have labels of one name, the
  /// name of the task stands before it.
  ///
  /// - Parameter tasks: the tasks in order, each with its labels.
  /// - Throws: as ``init(_:)``.
  static func counted(
    _ tasks: [(name: String, labels: [Int], names: [LabelName])]
  ) throws(VoxtileError) -> TaskLabels {
    var entries: [Entry] = []
    let owners = Dictionary(grouping: tasks.flatMap { task in task.names.map { (task.name, $0.name) } }) {
      $0.1
    }
    for task in tasks {
      let names = Dictionary(task.names.map { ($0.label, $0.name) }) { first, _ in first }
      func name(_ label: Int) -> String {
        guard let name = names[label] else { return "\(task.name) \(label)" }
        return Set(owners[name, default: []].map(\.0)).count > 1 ? "\(task.name) \(name)" : name
      }
      for label in Set(task.labels).subtracting([0]).sorted() {
        entries.append(
          Entry(
            task: task.name, label: label, value: entries.count + 1, name: name(label)))
      }
    }
    return try TaskLabels(entries)
  }
}
