extension PatchGrid {
  /// Merges patches that each numbered their objects on their own into one image with one numbering.
  ///
  ///     let (cells, report) = try grid.mergeInstances { patch in try segment(scan[patch]) }
  ///     report.instanceCount
  ///
  /// Objects of neighbors are the same where their intersection over union is large enough in what both patches see, as
  /// ``InstanceMatcher`` says. Each voxel is then taken from the patch whose center is nearest, as by ``Blend/center``, and
  /// objects are numbered from 1 in the order of their first voxels. Voxels that no patch holds are background.
  ///
  /// The result depends neither on the order of the patches, nor on the numbers that they gave, nor on threads.
  ///
  /// - Parameters:
  ///   - settings: what counts as the same object, and which patches are absent.
  ///   - metadata: where the image lies in the world; `nil` takes it from the first patch.
  ///   - object: gives the objects of a patch: one channel of whole numbers, where 0 is background. It is called twice for
  ///     each patch that is not absent and has to give the same both times.
  /// - Returns: the image, and what was found.
  /// - Throws: what `patch` throws, and as ``InstanceMatcher``.
  /// - Complexity: O(voxels of all patches).
  public func mergeInstances(
    settings: InstanceSettings = InstanceSettings(), metadata: VolumeMetadata? = nil,
    patch object: (Patch) throws -> any AnyVolume
  ) throws -> (labels: Volume<UInt32>, report: InstanceReport) {
    let present = filter { !settings.absentPatches.contains($0.index) }
    let matcher = try InstanceMatcher(grid: self, settings: settings)
    for patch in present { try matcher.add(object(patch), at: patch) }
    let numbering = try matcher.finish()
    let merger = try PatchMerger<UInt32>(
      grid: self,
      settings: MergeSettings(
        blend: .center, absentPatches: settings.absentPatches, jobs: settings.jobs),
      metadata: metadata)
    for patch in present { try merger.add(numbering.renumbered(object(patch), of: patch), at: patch) }
    var labels = try merger.finish()
    numbering.numberInOrder(&labels)
    return (labels, numbering.report)
  }
}
