import { container, kubernetes, list, pipeline, struct, text } from '../../../pipelines/index.ts'
import { python, returnsText, UBI } from './components.ts'

const createPvc = container(
  {
    name: 'createpvc',
    inputs: {
    access_modes: list({ help: [
      'Values for ``PersistentVolumeClaim.spec.accessModes``.',
    ].join('\n') }),
    size: text({ help: [
      'The size of storage requested by the PVC that will be',
      "provisioned. For example, ``'5Gi'``. Corresponds to",
      '`PersistentVolumeClaim.spec.resources.requests.storage',
      '<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaimSpec>`_.',
    ].join('\n') }),
    pvc_name: text({ help: [
      'Name of the PVC. Corresponds to',
      '`PersistentVolumeClaim.metadata.name',
      '<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaim>`_.',
      'Only one of ``pvc_name`` and ``pvc_name_suffix`` can be provided.',
    ].join('\n'), optional: true }),
    pvc_name_suffix: text({ help: [
      'Prefix to use for a dynamically generated name, which',
      'will take the form ``<argo-workflow-name>-<pvc_name_suffix>``. Only',
      'one of ``pvc_name`` and ``pvc_name_suffix`` can be provided.',
    ].join('\n'), optional: true }),
    storage_class_name: text({ help: [
      'Name of StorageClass from which to provision the PV',
      "to back the PVC. ``None`` indicates to use the cluster's default",
      "storage_class_name. Set to ``''`` for a statically specified PVC.",
    ].join('\n'), default: '' }),
    volume_name: text({ help: [
      'Pre-existing PersistentVolume that should back the',
      'provisioned PersistentVolumeClaim. Used for statically',
      'specified PV only. Corresponds to',
      '`PersistentVolumeClaim.spec.volumeName',
      '<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaimSpec>`_.',
    ].join('\n'), optional: true }),
    annotations: struct({ help: [
      "Annotations for the PVC's metadata. Corresponds to",
      '`PersistentVolumeClaim.metadata.annotations',
      '<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaim>`_.',
    ].join('\n'), optional: true }),
    data_source: struct({ help: [
      'Specifies the data source for the PVC. This can be used to',
      'create a PVC from a VolumeSnapshot or to clone an existing PVC.',
      "Should be a dictionary with ``'apiGroup'``, ``'kind'``, and",
      "``'name'`` keys. For example:",
      "``{'apiGroup': 'snapshot.storage.k8s.io', 'kind': 'VolumeSnapshot', 'name': 'my-snapshot'}``.",
      'Corresponds to `PersistentVolumeClaim.spec.dataSource',
      '<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/#PersistentVolumeClaimSpec>`_.',
    ].join('\n'), optional: true }),
    },
    outputs: { name: text('') },
  },
  () => ({ image: 'argostub/createpvc' }),
)
const deletePvc = container(
  { name: 'deletepvc', inputs: { pvc_name: text({ help: [
      "Name of the PVC to delete. Supports passing a runtime-generated name, such as a name provided by ``kubernetes.CreatePvcOp().outputs['name']``.",
    ].join('\n') }) } },
  () => ({ image: 'argostub/deletepvc' }),
)
const producer = python('producer', returnsText, UBI)
const consumer = python('consumer', returnsText, UBI)

export default pipeline({ name: 'pipeline-with-volume' }, () => {
  const claim = createPvc({
    pvc_name_suffix: '-my-pvc',
    access_modes: ['ReadWriteOnce'],
    size: '5Mi',
    storage_class_name: 'standard',
  }).outputs.name
  const volumes = [{ claim, path: '/data' }]
  const produced = kubernetes(producer(), { volumes })
  const consumed = kubernetes(consumer(), { volumes }).after(produced)
  deletePvc({ pvc_name: claim }).after(consumed)
})
