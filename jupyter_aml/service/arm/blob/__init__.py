"""The storage account of the compatible API: as much of Azure Blob as the SDK uses, on this disk.

There is no second store: containers are views of files that the local workspace has anyway. From
the wire inwards:

    routes                                    what may be asked, and the answers
    access, signature, account                who asks (SAS, key, token); URLs for answers
    names, containers, folders, artifacts     which file a name means
    reading, listing, writing, properties     bytes out, names out, bytes in, what is said of a blob
    refusal                                   refusals in Azure Storage's words
"""
