import Voxtile

/// How well many cases were predicted.
public struct Evaluation: Sendable {
  /// A case that could not be measured.
  public struct Failure: Sendable {
    /// The two files.
    public let pair: EvaluationPairs.Pair
    /// What went wrong.
    public let error: VoxtileError
  }

  /// What was measured.
  public let settings: EvaluationSettings
  /// The cases that were measured, in the order of their names. Each has every label that any of them has.
  public let cases: [CaseEvaluation]
  /// The cases that could not be measured.
  public let failures: [Failure]
  /// True labels without a prediction.
  public let withoutPrediction: [EvaluationPairs.Pair.Missing]
  /// Predictions without true labels.
  public let withoutReference: [EvaluationPairs.Pair.Missing]

  /// Compares all pairs, one after another; a case that cannot be measured is a failure, and the others are done.
  ///
  /// - Parameters:
  ///   - pairs: the cases.
  ///   - settings: what is measured.
  ///   - names: what labels stand for.
  ///   - progress: told the number of cases done.
  /// - Throws: only what the follower throws.
  public init(
    of pairs: EvaluationPairs, settings: EvaluationSettings = EvaluationSettings(),
    names: LabelNames = LabelNames(),
    progress: JobProgress = .none
  ) throws {
    var (cases, failures): ([CaseEvaluation], [Failure]) = ([], [])
    for (index, pair) in pairs.pairs.enumerated() {
      try progress(index, of: pairs.pairs.count)
      do {
        cases.append(
          try CaseEvaluation(pair, settings: settings, names: names) {
            try progress(index, of: pairs.pairs.count)
          })
      } catch let error as VoxtileError {
        failures.append(Failure(pair: pair, error: error))
      }
    }
    try progress(pairs.pairs.count, of: pairs.pairs.count)
    self.settings = settings
    self.cases = Self.completed(cases, settings: settings)
    self.failures = failures
    (withoutPrediction, withoutReference) = (pairs.withoutPrediction, pairs.withoutReference)
  }

  /// Whether every case with true labels has a prediction, and was measured.
  public var isComplete: Bool { failures.isEmpty && withoutPrediction.isEmpty }

  /// Gives every case every label, so that means say for how many cases a label is undefined.
  private static func completed(_ cases: [CaseEvaluation], settings: EvaluationSettings) -> [CaseEvaluation] {
    var names: [Int: String?] = [:]
    for label in cases.flatMap(\.labels) { names[label.label] = (names[label.label] ?? nil) ?? label.name }
    return cases.map { one in
      var one = one
      let own = Set(one.labels.map(\.label))
      for (label, name) in names where !own.contains(label) {
        one.labels.append(.absent(label, name: name, voxelMilliliters: one.voxelMilliliters, settings))
      }
      one.labels.sort { $0.label < $1.label }
      return one
    }
  }
}

/// The mean of a measure over cases, and how many had none.
public struct MeasureMean: Sendable {
  /// The mean over the cases that have the measure; `nil` where none has.
  public let mean: Double?
  /// How many cases have the measure.
  public let count: Int
  /// How many have not, by reason.
  public let undefined: [Score.Reason: Int]
  /// The case whose value is worst, and that value.
  public let worst: (name: String, value: Double)?

  init(_ scores: [(name: String, score: Score)], of measure: Measure) {
    let values = scores.compactMap { one in one.score.value.map { (one.name, $0) } }
    count = values.count
    mean = values.isEmpty ? nil : values.reduce(0) { $0 + $1.1 } / Double(values.count)
    undefined = Dictionary(grouping: scores.compactMap(\.score.reason)) { $0 }.mapValues(\.count)
    func badness(_ value: Double) -> Double {
      measure.isDistance ? value : measure == .relativeVolumeDifference ? abs(value) : -value
    }
    worst = values.max { badness($0.1) < badness($1.1) }
  }
}

/// The means of one label over all cases.
public struct LabelMeans: Sendable {
  /// The label.
  public let label: Int
  /// What it stands for.
  public let name: String?
  /// The mean of each measure.
  public let means: [Measure: MeasureMean]
}

extension Evaluation {
  /// The measures that were taken, in their order.
  public var measures: [Measure] { Measure.allCases.filter { $0 != .lesionF1 || settings.lesions != .none } }

  /// The means of each label, in ascending order.
  public var labels: [LabelMeans] {
    guard let first = cases.first else { return [] }
    return first.labels.indices.map { index in
      let label = first.labels[index]
      let means = measures.map { measure in
        let scores = cases.compactMap { one in
          one.labels[index].scores[measure].map { (name: one.pair.name, score: $0) }
        }
        return (measure, MeasureMean(scores, of: measure))
      }
      return LabelMeans(
        label: label.label, name: cases.lazy.compactMap { $0.labels[index].name }.first,
        means: Dictionary(uniqueKeysWithValues: means))
    }
  }

  /// The mean over labels of their means, of those that have one; `nil` where none has.
  public func meanOverLabels(_ measure: Measure) -> Double? {
    let values = labels.compactMap { $0.means[measure]?.mean }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
