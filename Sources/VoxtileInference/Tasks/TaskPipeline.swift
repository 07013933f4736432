import Voxtile

/// Predicts a scan with several networks, each for labels of its own, and puts their labels into one map.
///
///     let pipeline = try TaskPipeline([
///       .init("organs", PatchPipeline(model: organs, settings: settings)),
///       .init("bones", PatchPipeline(model: bones, settings: settings)),
///     ])
///     let plan = try await pipeline.plan([ImageFormats.open("ct.nii.gz")])
///     try await pipeline.run(plan, to: try ImageFormats.create("all.nii.gz", info: plan.info))
///
/// Each network has settings of its own: patches, intensities, voxels. The scan is read and inflated once, and resampled once for
/// all networks that see the same voxels; the copies are in scratch files. The tasks are predicted one after another, each
/// as a ``PatchPipeline`` by itself predicts it. Where several tasks have a label for a voxel, that of the last one stands.
public struct TaskPipeline: Sendable {
  /// A network, and what it is for.
  public struct Member: Sendable {
    /// What the task is called.
    public let name: String
    /// The network and how it predicts.
    public let pipeline: PatchPipeline

    /// Names the task of a network.
    public init(_ name: String, _ pipeline: PatchPipeline) { (self.name, self.pipeline) = (name, pipeline) }
  }

  /// The tasks, in the order in which they are predicted.
  public let tasks: [Member]
  /// What the labels of the tasks become; `nil` to count them on from task to task.
  public let labels: TaskLabels?

  /// How much of the map is in memory at least, where all of it is too much.
  private static let residentBytes = 64 << 20

  /// Creates a pipeline.
  ///
  /// - Parameters:
  ///   - tasks: at least one, each with another name.
  ///   - labels: what their labels become; `nil` to count them on from task to task.
  /// - Throws: `VoxtileError.Code.invalidOption` where there is no task, two have one name, or the table names another task.
  /// - Precondition: the tasks have the same ``InferenceSettings/limits``.
  public init(_ tasks: [Member], labels: TaskLabels? = nil) throws(VoxtileError) {
    let names = tasks.map(\.name)
    guard let limits = tasks.first?.pipeline.settings.limits, Set(names).count == names.count else {
      throw VoxtileError(
        .invalidOption,
        "the tasks are \(names.isEmpty ? "none" : names.joined(separator: ", ")); give at least one, and each another name",
        context: .init(expected: "different names", found: names.joined(separator: ", ")))
    }
    try labels?.checkTasks(names)
    precondition(
      tasks.allSatisfy { $0.pipeline.settings.limits == limits }, "the tasks have different limits")
    (self.tasks, self.labels) = (tasks, labels)
  }

  /// Works out what predicting a scan will take: each network predicts its first batch.
  ///
  /// - Parameters:
  ///   - readers: the scan: one file, or several that are the channels of one image.
  ///   - mask: an image of the same size; only the bounding box of its voxels above 0 is predicted.
  /// - Throws: as ``PatchPipeline/plan(_:mask:kinds:)`` for each task, `VoxtileError.Code.invalidOption` where a task gives labels
  ///   that are not known and there is no table, or its result has not the size of the scan.
  public func plan(_ readers: [any VolumeReader], mask: (any VolumeReader)? = nil) async throws -> TaskPlan {
    try await plan(readers, mask: mask, knowing: [:])
  }

  /// Works out what predicting a scan will take, as ``plan(_:mask:)`` does.
  ///
  /// - Parameter known: what networks told with another scan, by the names of their tasks.
  package func plan(
    _ readers: [any VolumeReader], mask: (any VolumeReader)?, knowing known: [String: ModelProbe]
  ) async throws -> TaskPlan {
    let copies = ScanCopies(memoryLimit: tasks[0].pipeline.settings.limits.onThisMachine.memory)
    let worker = SerialWorker("copy")
    defer { worker.wait() }
    let (scan, box) = try await worker.run { check in
      (
        try readers.map { try copies.randomAccess(to: $0) { try check() } },
        try mask.map { try copies.randomAccess(to: $0) { try check() } }
      )
    }
    let resident = residentBytes(over: readers[0].info)
    var plans: [TaskPlan.Step] = []
    for task in tasks {
      let pipeline = task.pipeline.reading(copies, writersHold: resident)
      do {
        var plan = try await pipeline.plan(scan, mask: box, kinds: [.labels], knowing: known[task.name])
        try plan.checkFits(readers[0].info)
        // What a later task was tried with would stay in memory until its turn comes.
        if !plans.isEmpty { plan.forgetFirst() }
        plans.append(TaskPlan.Step(name: task.name, plan: plan, pipeline: pipeline))
      } catch let error as VoxtileError {
        throw error.inTask(task.name)
      }
    }
    return try TaskPlan(
      plans, labels: labels, scan: readers[0].info, readers: readers + [mask].compactMap(\.self),
      copies: copies,
      residentBytes: resident)
  }

  /// How much of the map of labels may be in memory, beside what each task holds.
  private func residentBytes(over info: VolumeInfo) -> Int {
    let type = labels?.scalarType ?? .uint16
    let bytes = info.extent.voxelCountIfRepresentable?.multipliedReportingOverflow(by: type.byteCount)
    let all = bytes.map { $0.overflow ? .max : $0.partialValue } ?? .max
    return min(
      all, max(Self.residentBytes, (tasks[0].pipeline.settings.limits.onThisMachine.memory ?? .max) / 8))
  }

  /// What predicting a scan takes at most, from its header alone: that of the task which takes most.
  ///
  /// - Parameter known: what the networks told with another scan, by the names of their tasks.
  /// - Returns: the memory and what goes to scratch files, in bytes; `nil` where that cannot be said of any task.
  /// - Throws: as `PatchPipeline.memory(of:kinds:knowing:)`.
  package func memory(
    of readers: [any VolumeReader], knowing known: [String: ModelProbe]
  ) throws -> (peak: Int, scratch: Int)? {
    let resident = residentBytes(over: readers[0].info)
    let needs = try tasks.compactMap { task in
      try known[task.name].flatMap { probe in
        var pipeline = task.pipeline
        pipeline.settings.writerByteCount += resident
        return try pipeline.memory(of: readers, kinds: [.labels], knowing: probe)
      }
    }
    return needs.max { $0.peak < $1.peak }
  }

  /// What a prediction did.
  public struct Report: Sendable {
    /// What each task did, in their order.
    public internal(set) var tasks: [PatchPipeline.Report] = []
    /// For each task, the voxels that had the label of an earlier task and have its own now.
    public internal(set) var replacedVoxels: [Int] = []
    /// For each task, the voxels with a label of which the table says nothing; there the task has left the map as it was.
    public internal(set) var unlistedVoxels: [Int] = []
  }

  /// Predicts a scan as planned, and writes the labels of all tasks.
  ///
  /// - Parameters:
  ///   - plan: made by this pipeline.
  ///   - writer: where the labels go, made with ``TaskPlan/info``; it is finished.
  /// - Throws: as ``PatchPipeline/run(_:to:)``. The writer is then not finished.
  @discardableResult
  public func run(_ plan: TaskPlan, to writer: any VolumeWriter) async throws -> Report {
    let map = try OverlaidLabels(plan.info, residentBytes: plan.residentBytes)
    let total = plan.steps.reduce(0) { $0 + $1.plan.grid.count }
    var report = Report()
    var before = 0
    for (number, step) in plan.steps.enumerated() {
      let isLast = number == plan.steps.count - 1
      let overlay = LabelOverlay(
        step.plan.info(of: .labels), values: plan.labels.values(of: step.name), over: map,
        passingTo: isLast ? writer : nil
      ) {
        // What was predicted has to be one state of the scan, of which only copies were read since.
        for reader in plan.readers { try reader.checkFileUnchanged() }
      }
      let pipeline = step.pipeline.reporting(after: before, of: total)
      do {
        report.tasks.append(try await pipeline.run(step.plan, to: [.labels: overlay]))
      } catch let error as VoxtileError {
        throw error.inTask(step.name)
      }
      before += step.plan.grid.count
      report.replacedVoxels.append(overlay.findings.replaced)
      report.unlistedVoxels.append(overlay.findings.unlisted)
    }
    return report
  }
}

extension PatchPipeline {
  /// The same pipeline, which takes part in reading a scan once.
  fileprivate func reading(_ copies: ScanCopies, writersHold byteCount: Int) -> PatchPipeline {
    var pipeline = self
    pipeline.copies = copies
    pipeline.settings.writerByteCount += byteCount
    return pipeline
  }

  /// The same pipeline, as a part of a longer job.
  fileprivate func reporting(after before: Int, of total: Int) -> PatchPipeline {
    var pipeline = self
    let progress = settings.progress
    pipeline.settings.progress = JobProgress { done, _ in try progress(before + done, of: total) }
    return pipeline
  }
}

extension InferencePlan {
  /// Throws where labels cannot be put over those of other tasks.
  fileprivate func checkFits(_ scan: VolumeInfo) throws(VoxtileError) {
    guard outputExtent == scan.extent else {
      throw VoxtileError(
        .invalidOption,
        "the network gives \(outputExtent) voxels of a scan of \(scan.extent), so its labels do not lie over those of other tasks; predict with it alone",
        context: .init(expected: "\(scan.extent)", found: "\(outputExtent)"))
    }
  }
}

extension VoxtileError {
  /// The same error, with the task that it is about.
  fileprivate func inTask(_ name: String) -> VoxtileError {
    var error = self
    error.message = "task '\(name)': \(message)"
    // A table says what labels become, not which of them there are.
    if error.remedy == .giveAllLabels { error.remedy = nil }
    return error
  }
}
