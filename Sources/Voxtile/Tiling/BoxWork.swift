/// What becomes of the values of several patches over a voxel.
enum BoxOperation {
  /// The value of the only patch.
  case copy
  /// Their mean.
  case plainMean
  /// Their mean by weights that add up to one.
  case meanByShares
  /// Their mean by any weights.
  case weightedMean
  /// The largest of them.
  case maximum
  /// The label with the largest sum of weights.
  case vote
}

/// A run of columns of a box over which the same patches lie, and what is done with them.
struct BoxRun {
  /// The columns of the image.
  let columns: Range<Int>
  /// The patches over them, by their places along x of the grid.
  let patches: Range<Int>
  /// What becomes of their values.
  let operation: BoxOperation
  /// Where the sums of weights of the columns, or their reciprocals, start among the numbers of the work.
  var divisors = 0
  /// Where the weights of the columns start, those of one patch after another.
  var weights = 0
  /// Where they start among the floats.
  var floatWeights = 0
}

/// What a kernel has to do with a box, or with some of its columns: nothing of it depends on the values.
struct BoxWork {
  /// The box.
  let box: MergeBox
  /// The runs of columns, in the order in which they are merged.
  private(set) var runs: [BoxRun]
  /// The places along x of the grid of the patches over them.
  let across: Range<Int>
  /// All weights and divisors, one list after another.
  private(set) var numbers: [Double] = []
  /// The shares of columns for integers of up to 16 bits.
  private(set) var floats: [Float] = []
  /// Whether sums are divided by the divisors; else they are multiplied with them.
  let divides: Bool
  /// Where the sums of weights of the rows, or their reciprocals, start among the numbers.
  private(set) var rowDivisors = 0
  /// Where those of the slices start.
  private(set) var sliceDivisors = 0
  /// Where the weights of the rows start, those of one patch along y after another.
  private(set) var rowWeights = 0
  /// Where the weights of the slices start, those of all patches along z for one slice after another.
  private(set) var sliceWeights = 0
  /// Where the shares of the rows start.
  private(set) var rowShares = 0
  /// Where the shares of the slices start.
  private(set) var sliceShares = 0

  /// The places in the grid of the patches over the runs: z before y before x.
  let places: [Position]

  /// - Parameters:
  ///   - runs: at least one run of columns.
  ///   - type: the type of the values.
  init(_ box: MergeBox, _ runs: [BoxRun], of plan: MergePlan, type: ScalarType) {
    self.box = box
    self.runs = runs
    let first = runs.map(\.patches.lowerBound).min() ?? 0
    across = first..<(runs.map(\.patches.upperBound).max() ?? first)
    places = PerAxis(x: across, y: box.patches.y, z: box.patches.z).gridPlaces
    divides = plan.boxesDivide(type)
    for index in runs.indices { addNumbers(ofRun: index, plan, type) }
    addNumbersOfRowsAndSlices(plan)
  }

  /// Adds what a kernel needs of the columns of a run.
  private mutating func addNumbers(ofRun index: Int, _ plan: MergePlan, _ type: ScalarType) {
    let run = runs[index]
    switch run.operation {
    case .copy, .maximum: break
    case .plainMean:
      // Sums of small integers are divided by the number of patches.
      if type.byteCount > 2 { runs[index].divisors = addDivisors(plan, .x, run.columns) }
    case .weightedMean:
      runs[index].divisors = addDivisors(plan, .x, run.columns)
      runs[index].weights = addLists(
        plan.axes.x.weights, of: run.patches, over: run.columns, plan.grid.axes.x)
    case .vote:
      runs[index].weights = addLists(
        plan.axes.x.weights, of: run.patches, over: run.columns, plan.grid.axes.x)
    case .meanByShares where run.patches.count == 1: break
    case .meanByShares where type.byteCount > 2:
      runs[index].weights = addLists(plan.axes.x.shares, of: run.patches, over: run.columns, plan.grid.axes.x)
    case .meanByShares:
      runs[index].floatWeights = floats.count
      for patch in run.patches {
        let first = run.columns.lowerBound - plan.grid.axes.x.starts[patch]
        for share in plan.axes.x.shares[patch][first..<first + run.columns.count] {
          floats.append(Float(share))
        }
      }
    }
  }

  /// Adds what kernels need of the rows and the slices of the box.
  private mutating func addNumbersOfRowsAndSlices(_ plan: MergePlan) {
    sliceDivisors = addDivisors(plan, .z, box.slices)
    if runs.contains(where: { $0.operation == .plainMean || $0.operation == .weightedMean }) {
      rowDivisors = addDivisors(plan, .y, box.rows)
    }
    if runs.contains(where: { $0.operation == .weightedMean || $0.operation == .vote }) {
      rowWeights = addLists(plan.axes.y.weights, of: box.patches.y, over: box.rows, plan.grid.axes.y)
      sliceWeights = numbers.count
      for slice in box.slices {
        for patch in box.patches.z { numbers.append(plan.weight(at: slice, along: .z, ofPatch: patch)) }
      }
    }
    if runs.contains(where: { $0.operation == .meanByShares }) {
      rowShares = addLists(plan.axes.y.shares, of: box.patches.y, over: box.rows, plan.grid.axes.y)
      sliceShares = numbers.count
      for slice in box.slices {
        for patch in box.patches.z { numbers.append(plan.share(at: slice, along: .z, ofPatch: patch)) }
      }
    }
  }

  /// Adds the sums of weights along an axis, or their reciprocals, and returns where they start.
  private mutating func addDivisors(_ plan: MergePlan, _ axis: Axis, _ range: Range<Int>) -> Int {
    let start = numbers.count
    if divides {
      numbers.append(contentsOf: plan.axes[axis].sums[range])
    } else {
      numbers.append(contentsOf: plan.axes[axis].reciprocals[range])
    }
    return start
  }

  /// Adds the weights or shares of some patches over a range of coordinates, and returns where they start.
  private mutating func addLists(
    _ lists: [[Double]], of patches: Range<Int>, over range: Range<Int>, _ tiling: AxisTiling
  ) -> Int {
    let start = numbers.count
    for patch in patches {
      let first = range.lowerBound - tiling.starts[patch]
      numbers.append(contentsOf: lists[patch][first..<first + range.count])
    }
    return start
  }
}
