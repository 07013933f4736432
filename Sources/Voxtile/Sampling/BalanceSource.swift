/// Where the voxels that patches have to hold are drawn from.
enum BalanceSource: Sendable {
  /// Labels that take turns.
  case classes([(label: Int, voxels: VoxelIntervals)], TurnOrder)
  /// All voxels that are not background.
  case foreground(VoxelIntervals)
  /// All components.
  case components
  /// Nothing that was asked for is there.
  case none

  /// Collects the voxels that a balance asks for.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where a ratio is negative, too large or 0 altogether.
  init(_ balance: SamplingPlan.Balance, in index: LabelIndex) throws(VoxtileError) {
    switch balance {
    case .classes(let ratio):
      if let ratio { try Self.check(ratio) }
      let chosen = index.classes.indices.filter { place in
        index.classes[place].voxelCount > 0
          && (ratio?[index.classes[place].value] ?? (ratio == nil ? 1 : 0)) > 0
      }
      guard !chosen.isEmpty else {
        self = .none
        return
      }
      self = .classes(
        chosen.map { (index.classes[$0].value, index.voxels(ofClassAt: $0)) },
        TurnOrder(weights: chosen.map { ratio?[index.classes[$0].value] ?? 1 }))
    case .components where !index.components.isEmpty: self = .components
    case .voxels, .components:
      let voxels = index.foregroundVoxels()
      self = voxels.count > 0 ? .foreground(voxels) : .none
    }
  }

  /// Checks a ratio of labels.
  static func check(_ ratio: [Int: Int]) throws(VoxtileError) {
    if let bad = ratio.sorted(by: { $0.key < $1.key }).first(where: { !(0...1_000_000).contains($0.value) }) {
      throw VoxtileError(
        .invalidOption, "label \(bad.key) is wanted \(bad.value) times; give whole numbers from 0 to 1000000",
        context: .init(expected: "0...1000000", found: "\(bad.value)"))
    }
    guard ratio.values.contains(where: { $0 > 0 }) else {
      throw VoxtileError(.invalidOption, "the ratio has no label that is wanted; give one more than 0")
    }
  }

  /// Whether there is anything to draw.
  var isEmpty: Bool {
    if case .none = self { true } else { false }
  }

  /// The same, with what the next patch draws decided: a label whose turn it is.
  mutating func nextTurn() -> Turn {
    switch self {
    case .classes(let classes, var order):
      let place = order.next()
      self = .classes(classes, order)
      return .label(classes[place].label, classes[place].voxels)
    case .foreground(let voxels): return .foreground(voxels)
    case .components: return .component
    case .none: return .none
    }
  }

  /// What one patch draws its voxel from.
  enum Turn: Sendable {
    case label(Int, VoxelIntervals)
    case foreground(VoxelIntervals)
    case component
    case none
  }
}

extension BalanceSource.Turn {
  /// Draws a voxel, and says what it was drawn as.
  func draw(
    from index: LabelIndex, _ random: inout SampleRandom
  ) -> (voxel: Position, reason: SampledPatch.Reason)? {
    func draw(_ voxels: VoxelIntervals) -> Position {
      index.extent.position(at: voxels[random.bounded(voxels.count)])
    }
    switch self {
    case .label(let label, let voxels):
      let voxel = draw(voxels)
      return (voxel, .label(label, voxel: voxel))
    case .foreground(let voxels):
      let voxel = draw(voxels)
      return (voxel, .foreground(voxel: voxel))
    case .component:
      let component = random.bounded(index.components.count)
      let voxel = draw(index.voxels(ofComponent: component))
      return (voxel, .component(component, voxel: voxel))
    case .none: return nil
    }
  }
}
