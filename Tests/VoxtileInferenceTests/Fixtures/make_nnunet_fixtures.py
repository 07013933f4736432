"""Writes nnunet/: two scans, a small nnU-Net of random weights, and what nnU-Net itself predicts with it.

    python3 -m venv peers
    peers/bin/pip install nnunetv2==2.8.1 torch==2.13 onnx nibabel
    peers/bin/python Tests/VoxtileInferenceTests/Fixtures/make_nnunet_fixtures.py inia19-t1-brain.nii.gz

The image is of Debian's mricron-data. nnunet/regions/plans.json and dataset.json are kept as they are: a plan of nnU-Net's
own planner for four scans of that image, with a smaller network, axes in another order (the file's x first), voxels of 3.6 mm
along it, a CT and a masked z-score channel, and regions. The network of each fold has random weights; B_labels.nii.gz is what
nnUNetPredictor gives on the CPU, mirrored along all axes.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import nibabel
import numpy
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

HERE = pathlib.Path(__file__).parent / "nnunet"
EXPORTER = pathlib.Path(__file__).parents[3] / "Examples/FromNnUNet/export.py"
FOLDS = (0, 1)


def write_scans(template):
    """A box of the image, every third voxel along x, as two channels."""
    voxels = numpy.asarray(nibabel.load(template).dataobj).astype(numpy.float32)[0:60, 60:130, 70:128]
    affine = numpy.array([[3.0, 0, 0, 40], [0, 0.8, 0, -30], [0, 0, 0.9, 12], [0, 0, 0, 1.0]])
    channels = [numpy.where(voxels > 0, voxels - 20, 0), numpy.sqrt(numpy.maximum(voxels, 0))]
    paths = [HERE / f"B_000{number}.nii.gz" for number in range(2)]
    for channel, path in zip(channels, paths):
        values = numpy.ascontiguousarray(channel.astype(numpy.float32)[::3])
        nibabel.save(nibabel.Nifti1Image(values, affine), path)
    return [str(path) for path in paths]


def write_checkpoints(folder):
    """A results folder with random weights."""
    plans, dataset = (json.loads((HERE / "regions" / name).read_text()) for name in ("plans.json", "dataset.json"))
    manager = PlansManager(plans)
    configuration, labels = manager.get_configuration("3d_fullres"), manager.get_label_manager(dataset)
    for name, content in (("plans.json", plans), ("dataset.json", dataset)):
        (folder / name).write_text(json.dumps(content, indent=1))
    for fold in FOLDS:
        torch.manual_seed(11 + fold)
        network = nnUNetTrainer.build_network_architecture(
            manager, configuration, determine_num_input_channels(manager, configuration, dataset),
            labels.num_segmentation_heads, enable_deep_supervision=True)
        for weights in network.parameters():
            if weights.ndim > 1:
                torch.nn.init.kaiming_normal_(weights)
            else:
                torch.nn.init.normal_(weights, std=0.5)
        (folder / f"fold_{fold}").mkdir()
        torch.save(
            {"network_weights": network.state_dict(), "trainer_name": "nnUNetTrainer",
             "init_args": {"configuration": "3d_fullres"}, "inference_allowed_mirroring_axes": (0, 1, 2)},
            folder / f"fold_{fold}" / "checkpoint_final.pth")


def main():
    scans = write_scans(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "nnUNetTrainer__nnUNetPlans__3d_fullres"
        folder.mkdir()
        write_checkpoints(folder)
        predictor = nnUNetPredictor(
            use_mirroring=True, perform_everything_on_device=False, device=torch.device("cpu"), allow_tqdm=False)
        predictor.initialize_from_trained_model_folder(str(folder), FOLDS)
        predictor.predict_from_files(
            [scans], [str(HERE / "B_labels")], num_processes_preprocessing=1,
            num_processes_segmentation_export=1)
        # nnU-Net leaves these beside its results.
        for name in ("plans.json", "dataset.json", "predict_from_raw_data_args.json"):
            (HERE / name).unlink(missing_ok=True)
        subprocess.run([sys.executable, EXPORTER, folder, HERE / "regions", *map(str, FOLDS)], check=True)


if __name__ == "__main__":
    main()
